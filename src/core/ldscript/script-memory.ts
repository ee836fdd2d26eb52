/** What is remembered of a script while it is edited: its patterns, and what follows from the output sections that stand. */
import type { DialectName } from "./dialect.js";
import { NamePatterns } from "./name-patterns.js";
import type { RuleMemory } from "./rules.js";
import type { OutputSection, Token } from "./tree.js";

export class ScriptMemory implements RuleMemory {
  readonly patterns: NamePatterns;
  readonly rules: RuleMemory["rules"] = new WeakMap();
  /** Names in which something is glued; see the diagnosis of that name, and the next one. */
  readonly glued = new WeakMap<OutputSection, readonly GluedName[]>();
  readonly ignoredExclusions = new WeakMap<OutputSection, readonly Token[]>();

  constructor(readonly dialect: DialectName) {
    this.patterns = new NamePatterns(dialect);
  }
}

export interface GluedName {
  readonly token: Token;
  readonly glue: string;
}

/** What was made of `key` before, or is made of it now. */
export function remembered<K extends object, V>(known: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make(key);
  known.set(key, made);
  return made;
}
