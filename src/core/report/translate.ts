/** The message catalogue's mechanism: the English sentence is the key, as `vscode.l10n.t` takes it. */

/** Gives the sentence in the reader's language, `{0}`, `{1}` … replaced by the arguments. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** The catalogue of the command line: what is written in the source. */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (placeholder, index: string) => {
    const value = args[Number(index)];
    return value === undefined ? placeholder : String(value);
  });
