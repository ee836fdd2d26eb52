/** What a script does that its author did not mean: what the linker takes without a word, or says badly. */
import type { OpenedScript } from "../opened-script.js";
import { located } from "../parse.js";
import type { Problem, RawProblem } from "../problems.js";
import { withAttributeOrder } from "./attribute-order.js";
import { bssFileSpace } from "./bss-file-space.js";
import { gluedName } from "./glued-name.js";
import { ignoredExclusion } from "./ignored-exclusion.js";
import { includedFiles } from "./included-files.js";
import { linkTimeCode } from "./link-time-code.js";
import { missingKeep } from "./missing-keep.js";
import { orphanBehindEnd } from "./orphan-behind-end.js";
import { shadowedStatement } from "./shadowed-statement.js";
import { ScriptMemory } from "../script-memory.js";
import { subjectOf, type Diagnosis, type ScriptFacts } from "./subject.js";
import { symbolOutsideBraces } from "./symbol-outside-braces.js";
import { unlinkedFile } from "./unlinked-file.js";
import { unmatchedTag } from "./unmatched-tag.js";
import { unsupportedInsert } from "./unsupported-insert.js";

const DIAGNOSES: readonly Diagnosis[] = [
  bssFileSpace,
  gluedName,
  ignoredExclusion,
  includedFiles,
  linkTimeCode,
  missingKeep,
  orphanBehindEnd,
  shadowedStatement,
  symbolOutsideBraces,
  unlinkedFile,
  unmatchedTag,
  unsupportedInsert,
];

/** The parser's problems and these, in the order of the text. `memory` is of the same dialect. Never fails. */
export function diagnose(
  script: OpenedScript,
  facts: ScriptFacts,
  memory = new ScriptMemory(facts.dialect.name),
): Problem[] {
  const subject = subjectOf(script, facts, memory);
  const found: readonly RawProblem[] = DIAGNOSES.flatMap((rule) => rule(subject));
  return located(script.text, [...withAttributeOrder(script.problems), ...found]);
}
