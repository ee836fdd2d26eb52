/** Every reason why the source cannot place something is one sentence, which no name can break. */
import { expect, it } from "vitest";
import type { SourceRefusal } from "../../../../src/core/placement/source-answer.js";
import type { NoPlace, UnclearPlace } from "../../../../src/core/placement/source-position.js";
import { sourceRefusalText } from "../../../../src/core/report/source-refusals.js";
import { english } from "../../../../src/core/report/translate.js";

type Refusal = SourceRefusal | NoPlace | UnclearPlace;
const HOSTILE = "na\u001b[31mme\n{0}";

/** One of each code: a new one without an example does not compile. */
const EXAMPLES: { readonly [Code in Refusal["code"]]: Extract<Refusal, { readonly code: Code }> } = {
  unknown: { code: "unknown" },
  "no-debug-information": { code: "no-debug-information" },
  renamed: { code: "renamed" },
  "optimised-away": { code: "optimised-away" },
  ambiguous: { code: "ambiguous", choices: ["a.c:f", `b${HOSTILE}.c:f`] },
  file: { code: "file", reason: `${HOSTILE} is not here.` },
  kind: { code: "kind", kind: "text" },
  "thread-local": { code: "thread-local" },
  changed: { code: "changed", line: 7 },
  several: { code: "several", lines: [3, 7] },
  macro: { code: "macro", macro: HOSTILE, line: 7 },
  "declaration-only": { code: "declaration-only", line: 7 },
  automatic: { code: "automatic", line: 7 },
  lambda: { code: "lambda" },
  "compiler-made": { code: "compiler-made" },
  template: { code: "template", line: 7 },
  inline: { code: "inline", line: 7 },
  "inlined-only": { code: "inlined-only", line: 7 },
  "relocated-constant": { code: "relocated-constant", line: 7 },
  alias: { code: "alias", line: 7 },
  already: { code: "already", line: 7 },
  "other-section": { code: "other-section", section: HOSTILE, line: 7 },
  literal: { code: "literal" },
  constant: { code: "constant", line: 7 },
  async: { code: "async", line: 7 },
  "not-placed": { code: "not-placed", line: 7 },
};

it.each(Object.entries(EXAMPLES))("%s is told in one sentence", (_, refusal) => {
  const text = sourceRefusalText(refusal, HOSTILE, english);
  expect(text).not.toMatch(/[\u0000-\u001f]/);
  expect(text).toMatch(/^\S.*[.?]$/);
  expect(text).not.toMatch(/undefined|\[object/);
});

it("says the line where there is one, and the way that is left", () => {
  expect(sourceRefusalText(EXAMPLES.macro, "f", english)).toMatch(/in line 7: place it by the linker script/);
  expect(sourceRefusalText({ code: "changed", line: 0 }, "f", english)).toMatch(/not defined in its file any more/);
  expect(sourceRefusalText({ code: "already", line: 0 }, "f", english)).toMatch(/in its locked section already/);
});
