import { expect, it } from "vitest";
import { recorderArgv, terminalArgv } from "../../../../src/extension/run/recorder-command.js";
import { fingerprint, type Program } from "../../../../src/extension/run/program.js";
import { rememberedChoice } from "../../../../src/extension/run/remembered-choice.js";

const command = { runtime: "/opt/code", cli: "/ext/cli.js", socket: "/tmp/s", elevated: false, unset: [] } as const;

it("a program's own words come last, and cannot be taken for options", () => {
  const argv = recorderArgv({ ...command, target: { kind: "program", argv: ["--odd", "-o", "x"] } });
  expect(argv.slice(argv.indexOf("record"))).toEqual(["record", "--control", "/tmp/s", "--", "--odd", "-o", "x"]);
});

it("elevated, only what is behind sudo becomes root; what the program must not see is taken away before", () => {
  const argv = recorderArgv({ ...command, elevated: true, unset: ["LANG"], target: { kind: "process", pid: 7 } });
  expect(argv.join(" ")).toBe(
    "env -u LANG sudo env ELECTRON_RUN_AS_NODE=1 /opt/code /ext/cli.js record --control /tmp/s --pid 7",
  );
});

it("other commands are elevated in the same way", () => {
  const { socket: _, ...terminal } = command;
  expect(terminalArgv({ ...terminal, elevated: true }, ["prove", "--save", "/t/answer"]).join(" ")).toBe(
    "env sudo env ELECTRON_RUN_AS_NODE=1 /opt/code /ext/cli.js prove --save /t/answer",
  );
});

const program: Program = { argv: ["a", "b"], cwd: "/w", environment: { A: "1", B: undefined }, before: undefined };

it("whatever changes what is run changes what was allowed", () => {
  const others: readonly Program[] = [
    { ...program, argv: ["a b"] },
    { ...program, cwd: "/" },
    { ...program, environment: { A: "1" } },
    { ...program, environment: { A: "1", B: "" } },
    { ...program, before: { kind: "task", name: "make" } },
    { ...program, before: { kind: "command", argv: ["make"] } },
  ];
  expect(new Set([program, ...others].map(fingerprint)).size).toBe(others.length + 1);
  expect(fingerprint({ ...program, environment: { B: undefined, A: "1" } })).toBe(fingerprint(program));
});

it("a folder remembers its own choice and what of it was shown", async () => {
  const values = new Map<string, unknown>();
  const memory = {
    get: (key: string) => values.get(key),
    update: (key: string, value: unknown) => {
      values.set(key, JSON.parse(JSON.stringify(value)));
      return Promise.resolve();
    },
  };
  const remembered = rememberedChoice(memory);
  expect(remembered.choice("one")).toBeUndefined();
  await remembered.choose("one", { kind: "file", path: "/a", args: ["x"] });
  await remembered.allow("one", fingerprint(program));
  const again = rememberedChoice(memory);
  expect(again.choice("one")).toEqual({ kind: "file", path: "/a", args: ["x"] });
  expect(again.choice("two")).toBeUndefined();
  expect(again.isAllowed("one", fingerprint(program))).toBe(true);
  expect(again.isAllowed("two", fingerprint(program))).toBe(false);
  for (const value of [undefined, 1, {}, { kind: "launch" }, { kind: "file" }]) {
    values.set("faultline.choice:one", value);
    expect(again.choice("one")).toBeUndefined();
  }
});
