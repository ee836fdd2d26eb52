import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installFaultline, type Installed } from "../support/faultline.js";

let installed: Installed;
let folder: string;
let us: string;

beforeAll(async () => {
  installed = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-terminal-"));
  us = `${process.execPath} ${installed.cli} record -o ${join(folder, "trace")} --`;
});

afterAll(() => {
  installed.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Each step is what is typed and the text that shows it was understood. */
function type(...steps: readonly (readonly [string, string])[]): string {
  const { stdout, status } = spawnSync("python3", ["test/support/terminal.py", JSON.stringify(steps)], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  return stdout;
}

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_Z = "\u001a";

it("Ctrl-C ends the target, the trace is complete, and the shell sees an interrupted job", () => {
  const text = type([`${us} cat\n`, "cat"], ["up\n", "up\r\nup"], [CTRL_C, "Trace:"], ["echo code=$?\n", "code=1"]);
  expect(text).toMatch(/\d+ page faults .* 0 lost/);
  expect(text).toContain("code=130");
});

it("Ctrl-Z stops target and recorder as one job, fg goes on with both", () => {
  const text = type(
    [`${us} cat\n`, "cat"],
    ["before\n", "before\r\nbefore"],
    [CTRL_Z, "Stopped"],
    ["ps -o stat=,comm= | sort\n", "cat\r\n"],
    ["fg\n", "cat"],
    ["after\n", "after\r\nafter"],
    [CTRL_D, "Trace:"],
    ["echo code=$?\n", "code=0"],
  );
  expect(text).toMatch(/T\S* +cat\r\n/);
  expect(text).toMatch(/T\S* +node\r\n/);
  expect(text).toMatch(/\d+ page faults .* 0 lost/);
  expect(text).toContain("code=0");
});

it("bg goes on in the background", () => {
  const text = type(
    [`${us} sleep 1\n`, "sleep"],
    [CTRL_Z, "Stopped"],
    ["bg\n", "&"],
    ["wait; echo waited=$?\n", "waited=0"],
  );
  expect(text).toContain("waited=0");
  expect(text).toMatch(/\d+ page faults/);
});

it("vim has its screen, its suspension and its way out", () => {
  const file = join(folder, "written");
  const text = type(
    [`TERM=xterm ${us} vi -u NONE -N ${file}\n`, "[New"],
    ["ihello\u001b", "hello"],
    [CTRL_Z, "Stopped"],
    ["fg\n", "hello"],
    [":wq\r", "Trace:"],
    [`cat ${file}; stty -a | grep -o ' [-]*icanon'\n`, " icanon"],
  );
  expect(text).toContain("\r\nhello\r\n icanon");
});

it("an interactive shell as the target keeps its own jobs", () => {
  const text = type(
    [`${us} bash --norc --noediting -i\n`, "$ "],
    ["sleep 30\n", "sleep 30"],
    [CTRL_Z, "Stopped"],
    ["kill -9 %1; sleep 0.5; exit 5\n", "Trace:"],
    ["echo code=$?\n", "code=5"],
  );
  expect(text).toContain("code=5");
});
