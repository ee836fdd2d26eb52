/** A script that is edited: each of its texts is opened and diagnosed with what is remembered of the ones before. */
import { diagnose } from "./diagnoses/diagnose.js";
import type { ScriptFacts } from "./diagnoses/subject.js";
import type { Dialect } from "./dialect.js";
import { openScript, type OpenedScript, type Surroundings } from "./opened-script.js";
import { scriptReader } from "./parse.js";
import type { Problem } from "./problems.js";
import { ScriptMemory } from "./script-memory.js";

/** What is opened and told is what openScript and diagnose give for the text alone; it may be used until the next is opened. */
export class EditedScript {
  private readonly read: ReturnType<typeof scriptReader>;
  private memory: ScriptMemory;
  /** Of the first text that was diagnosed with this memory. */
  private patterns: number | undefined;

  constructor(readonly dialect: Dialect) {
    this.read = scriptReader("script", dialect);
    this.memory = new ScriptMemory(dialect.name);
  }

  open(text: string, surroundings: Omit<Surroundings, "dialect">): OpenedScript {
    return openScript(text, { ...surroundings, dialect: this.dialect }, this.read);
  }

  /** Of the script that was opened last. */
  diagnose(script: OpenedScript, facts: Omit<ScriptFacts, "dialect">): Problem[] {
    const problems = diagnose(script, { ...facts, dialect: this.dialect }, this.memory);
    this.patterns ??= this.memory.patterns.size;
    if (this.memory.patterns.size > 2 * this.patterns + MANY_PATTERNS) this.forget();
    return problems;
  }

  /** Names that were typed and are gone again. */
  private forget(): void {
    this.memory = new ScriptMemory(this.dialect.name);
    this.patterns = undefined;
  }
}

const MANY_PATTERNS = 10_000;
