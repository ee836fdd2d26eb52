/** What the analysis thread answers about placing by a script: of two static ones of a name the cursor's. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DEFAULT_LOCKED_SECTIONS } from "../../../../src/core/placement/locked-sections.js";
import type { WantedName } from "../../../../src/extension/placement/placement-order.js";
import { scriptAnswer } from "../../../../src/extension/placement/script-answer.js";
import { openImageFile } from "../../../../src/host/images.js";

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "faultline-script-answer-")));
  for (const name of ["one", "two"])
    writeFileSync(join(folder, `${name}.c`), `static int state = 3;\nint ${name}(void) { return state++; }\n`);
  writeFileSync(join(folder, "main.c"), "int one(void), two(void);\nint main(void) { return one() + two(); }\n");
  execFileSync("gcc", ["-O1", "-g", "main.c", "one.c", "two.c", "-o", "program"], { cwd: folder });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function answer(at: WantedName["at"]) {
  const opened = openImageFile(join(folder, "program"));
  if (!opened.ok) throw new Error(opened.message);
  try {
    return scriptAnswer(opened.image, {
      ...{ kind: "script", wanted: [{ name: "state", kind: "variable", at }], sections: DEFAULT_LOCKED_SECTIONS },
      ...{ sourceMap: {}, placements: [], removed: [], path: join(folder, "locked.ld"), script: undefined },
      ...{ folder, linker: undefined },
    });
  } finally {
    opened.close();
  }
}

it("the cursor says which, and the script names its object file", () => {
  const { placements, answer: script } = answer({ file: join(folder, "two.c"), line: 1 });
  expect(placements).toMatchObject([{ symbol: "state", file: "two.c", kind: "data", by: "script" }]);
  if (script.kind !== "script") throw new Error(script.kind);
  expect(script.text).toContain("*two.o(.data.state)");
  expect(script.text).not.toContain("*(.data.state)");
});

it("without a place both are told, and none is placed", () => {
  const { placements, refusals } = answer(undefined);
  expect(placements).toEqual([]);
  const choices = [`${join(folder, "one.c")}:state`, `${join(folder, "two.c")}:state`];
  expect(refusals.map(({ refusal }) => refusal)).toEqual([{ code: "ambiguous", choices }]);
});
