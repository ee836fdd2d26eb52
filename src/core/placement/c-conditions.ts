/** Conditions of the preprocessor in C and C++ text: whether two places are always read together. */
import type { CStructure } from "./c-structure.js";

interface Condition {
  /** Tokens: "#if", then each "#else" and "#elif", then "#endif". */
  readonly start: number;
  readonly splits: number[];
  end: number;
}

export class CConditions {
  private readonly all: readonly Condition[];

  constructor({ tokens, text, directives }: CStructure) {
    const all: Condition[] = [];
    const open: Condition[] = [];
    for (const token of directives) {
      const start = tokens.starts[token]!;
      const name = /^#\s*(\w+)/.exec(text.slice(start, start + MOST_NAME))?.[1] ?? "";
      if (name.startsWith("if")) {
        const condition = { start: token, splits: [], end: tokens.count };
        all.push(condition);
        open.push(condition);
      } else if (name.startsWith("el")) open.at(-1)?.splits.push(token);
      else if (name === "endif") {
        const condition = open.pop();
        if (condition !== undefined) condition.end = token;
      }
    }
    this.all = all;
  }

  /** Whether the conditions at a token hold at a later one as well: it is in the same branches. */
  holdAt(token: number, later: number): boolean {
    return this.all.every(({ start, splits, end }) => {
      if (token < start || token > end) return true;
      return later <= end && !splits.some((split) => split > token && split < later);
    });
  }
}

/** White space after "#" and the longest name. */
const MOST_NAME = 40;
