/** The patterns of a script: what is written alike is compiled once, and remembered while the script is edited. */
import type { DialectName } from "./dialect.js";
import { namePattern, type NamePattern } from "./glob.js";
import { unquoted, type Token } from "./tree.js";

/** One of a script's patterns. */
export interface ScriptPattern extends NamePattern {
  /** From 0, in the order in which they were compiled. */
  readonly index: number;
}

export interface FileRule {
  /** Before the colon of archive:member; undefined where there is no colon. */
  readonly archive: NamePattern | undefined;
  /** Behind the colon, or all of it. */
  readonly file: NamePattern | undefined;
  /** `archive:` takes members, `:file` files outside archives. */
  readonly inArchive: boolean | undefined;
  readonly whole: NamePattern;
}

export class NamePatterns {
  private readonly names = new Map<string, ScriptPattern>();
  private readonly files = new Map<string, FileRule>();
  private readonly wildcards: ScriptPattern[] = [];
  /** Those, by what their names begin with; and how long the beginnings are. */
  private readonly byPrefix = new Map<string, ScriptPattern[]>();
  private readonly prefixLengths: number[] = [];
  /** By the index of a pattern. */
  private readonly wider: Wider[] = [];

  constructor(private readonly dialect: DialectName) {}

  /** How many names were ever compiled: those that are gone from the script are still here. */
  get size(): number {
    return this.names.size;
  }

  nameOf(token: Token): ScriptPattern {
    return this.name(unquoted(token), token.symbol === "STRING");
  }

  name(text: string, quoted = false): ScriptPattern {
    const key = quoted && this.dialect === "lld" ? `"${text}` : text;
    const known = this.names.get(key);
    if (known !== undefined) return known;
    const made = { ...namePattern(text, quoted, this.dialect), index: this.names.size };
    this.names.set(key, made);
    if (!made.isLiteral) this.addWildcard(made);
    return made;
  }

  fileOf(token: Token): FileRule {
    const known = this.files.get(token.text);
    if (known !== undefined) return known;
    const made = this.madeFile(token);
    this.files.set(token.text, made);
    return made;
  }

  /** Other patterns that are sure to take every name that this one takes. */
  widerThan(pattern: ScriptPattern): readonly ScriptPattern[] {
    const count = this.wildcards.length;
    const known = (this.wider[pattern.index] ??= { found: this.takers(pattern), among: count });
    for (; known.among < count; known.among++) {
      const wildcard = this.wildcards[known.among]!;
      if (takesAll(wildcard, pattern)) known.found.push(wildcard);
    }
    return known.found;
  }

  private addWildcard(pattern: ScriptPattern): void {
    this.wildcards.push(pattern);
    const { prefix } = pattern;
    const others = this.byPrefix.get(prefix);
    if (others !== undefined) others.push(pattern);
    else this.byPrefix.set(prefix, [pattern]);
    if (!this.prefixLengths.includes(prefix.length)) this.prefixLengths.push(prefix.length);
  }

  private takers(pattern: ScriptPattern): ScriptPattern[] {
    const found: ScriptPattern[] = [];
    const { prefix } = pattern;
    for (const length of this.prefixLengths) {
      if (length > prefix.length) continue;
      for (const other of this.byPrefix.get(prefix.slice(0, length)) ?? [])
        if (takesAll(other, pattern)) found.push(other);
    }
    return found;
  }

  private madeFile(token: Token): FileRule {
    const quoted = token.symbol === "STRING";
    const text = unquoted(token);
    const whole = this.nameOf(token);
    const colon = text.indexOf(":");
    if (colon < 0) return { archive: undefined, file: whole, inArchive: undefined, whole };
    const part = (piece: string): NamePattern | undefined => (piece === "" ? undefined : this.name(piece, quoted));
    return { archive: part(text.slice(0, colon)), file: part(text.slice(colon + 1)), inArchive: colon > 0, whole };
  }
}

interface Wider {
  readonly found: ScriptPattern[];
  /** How many of the wildcards were looked at. */
  among: number;
}

function takesAll(wider: ScriptPattern, pattern: ScriptPattern): boolean {
  if (wider === pattern) return false;
  if (pattern.isLiteral) return wider.matches(pattern.text);
  return wider.isPrefix && pattern.prefix.startsWith(wider.prefix);
}
