/** How the grammar's words are shown: as they are in every language. */
export function shownSymbol(symbol: string): string {
  return SYMBOL_NAMES[symbol] ?? symbol;
}

const SYMBOL_NAMES: Readonly<Record<string, string>> = {
  NAME: "name",
  STRING: '"text"',
  INT: "number",
  IDENTIFIER: "symbol",
  TAG: "version",
};
