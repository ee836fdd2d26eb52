/** The bundle that translators start from has every sentence of the sources. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
// @ts-expect-error: a script, without types.
import { collectSentences } from "../../../scripts/l10n.mjs";

const { text, unclear } = collectSentences() as { readonly text: string; readonly unclear: readonly string[] };

it("every sentence can be read from the source", () => {
  expect(unclear).toEqual([]);
});

it("the bundle has the sentences of the sources and no others; `npm run l10n` writes it", () => {
  expect(JSON.parse(readFileSync("l10n/bundle.l10n.json", "utf8"))).toEqual(JSON.parse(text));
});

it("sentences of core and of the editor are both collected", () => {
  const sentences = Object.keys(JSON.parse(text) as object);
  expect(sentences).toContain("Complete: no record was lost.");
  expect(sentences.length).toBeGreaterThan(100);
});
