/** What could not be read of a file, told once each. */
import { attempt } from "../base/errors.js";

/** Problems once each, and not too many of them. */
export class ProblemList {
  readonly texts: string[];

  constructor(first: readonly string[]) {
    this.texts = [...first];
  }

  add(text: string): void {
    if (this.texts.length < MAX_PROBLEMS && !this.texts.includes(text)) this.texts.push(text);
  }

  try<T>(parse: () => T): T | undefined {
    const result = attempt(parse);
    if (result.ok) return result.value;
    this.add(result.error.message);
    return undefined;
  }
}

const MAX_PROBLEMS = 50;
