/** What a rule about a script looks at: the script, its statements, and where the inputs go if they are known. */
import type { Dialect } from "../dialect.js";
import type { InputSection } from "../matcher-input.js";
import { matchSections, type Placement } from "../matcher.js";
import type { OpenedScript } from "../opened-script.js";
import { placeIn, type Place } from "../place.js";
import type { ProblemCode, RawProblem, Severity } from "../problems.js";
import { rulesOf, type Rule } from "../rules.js";
import type { ScriptMemory } from "../script-memory.js";
import { allOutputs, type FoundOutput } from "../script-outline.js";
import { unquoted, type Element, type OutputSection } from "../tree.js";
import { extentOf } from "../extent.js";

/** What is known beside the script. */
export interface ScriptFacts {
  readonly dialect: Dialect;
  /** Of the program's objects, in the order of the link; undefined where they are not known. */
  readonly inputs: readonly InputSection[] | undefined;
  /** Names of the sections that the program locks. */
  readonly lockedSections: readonly string[];
  /** Whether the link drops sections that nothing refers to (--gc-sections). */
  readonly dropsUnreferenced: boolean;
}

export interface Subject extends ScriptFacts {
  readonly script: OpenedScript;
  readonly rules: readonly Rule[];
  readonly memory: ScriptMemory;
  /** Those of the script itself; rules tell nothing of places in included files. */
  readonly outputs: readonly FoundOutput[];
  /** In the order of the inputs. */
  readonly placements: readonly Placement[] | undefined;
  readonly place: (offset: number) => Place;
}

/** One rule about scripts: what it finds, in any order. */
export type Diagnosis = (subject: Subject) => readonly RawProblem[];

export function subjectOf(script: OpenedScript, facts: ScriptFacts, memory: ScriptMemory): Subject {
  const { dialect, inputs } = facts;
  return {
    ...facts,
    script,
    rules: rulesOf(script.tree, dialect, script.included, memory).rules,
    memory,
    outputs: allOutputs(script).filter(({ node, source }) => source === undefined && !node.isClass),
    placements: inputs === undefined ? undefined : matchSections(script.tree, inputs, dialect, script.included),
    place: placeIn(script.text),
  };
}

export function nameOf({ name }: OutputSection): string {
  return name === undefined ? "" : unquoted(name);
}

export function isLocked({ lockedSections }: ScriptFacts, output: string): boolean {
  return lockedSections.some((name) => output === name || output === `.${name}`);
}

/** A problem over the whole of a node or token. */
export function problemAt(
  element: Element,
  code: ProblemCode,
  severity: Severity,
  ...values: readonly (string | number)[]
): RawProblem {
  const { start, end } = extentOf(element);
  return { code, severity, offset: start, length: Math.max(end - start, 1), values };
}
