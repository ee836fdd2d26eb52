import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { shellWords } from "../../../../src/core/report/remedies.js";
import { splitWords } from "../../../../src/core/base/shell-words.js";

it("what is quoted for a shell is read back as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      expect(splitWords(shellWords(words))).toEqual(words);
    }),
  );
});

it.each([`a "b c" 'd e'`, `a\\ b "c\\"d" "\\e" 'f\\'`, `x'y'"z" "" ''`, `  `, `a\\\\b`])(
  "%s is split as sh does it",
  (line) => {
    const { stdout } = spawnSync("sh", ["-c", `for word in ${line}; do printf '%s\\0' "$word"; done`], {
      encoding: "utf8",
    });
    expect(splitWords(line)).toEqual(stdout.split("\0").slice(0, -1));
  },
);

it.each([`a 'b`, `"a\\"`, `a "`])("%s is not whole", (line) => {
  expect(splitWords(line)).toBeUndefined();
});
