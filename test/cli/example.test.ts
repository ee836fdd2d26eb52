import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const EXAMPLES = ["input-thread", "cpp-mixer", "rust-ring"];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-examples-"));
  cpSync("examples", folder, { recursive: true, filter: (path) => !/\/(build|\.faultline)$/.test(path) });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function make(example: string, ...settings: readonly string[]) {
  return spawnSync("make", ["-C", join(folder, example), "-B", ...settings], { encoding: "utf8" });
}

function run(example: string, program: string, args: readonly string[] = [], input?: Buffer) {
  return spawnSync(join(folder, example, "build", program), args, { encoding: "utf8", input });
}

describe("the examples", () => {
  it.each([
    ["input-thread", "CC=gcc"],
    ["input-thread", "CC=clang-19"],
    ["cpp-mixer", "CXX=g++"],
    ["cpp-mixer", "CXX=clang++-19"],
    ["rust-ring", "RUSTC=rustc"],
  ])("%s builds without a warning with %s", (example, compiler) => {
    const { status, stderr } = make(example, compiler);
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it.each([
    ["cpp-mixer", "mixer", /^200 blocks mixed, peak 0\.\d+\n$/],
    ["rust-ring", "ring", /^20000 ticks, \d+ orders, volume \d+, \d+ bytes of log\n$/],
  ])("%s runs and says what it did", (example, program, output) => {
    expect(run(example, program)).toMatchObject({ status: 0, stdout: expect.stringMatching(output), stderr: "" });
  });

  it.each(EXAMPLES)("%s has a project file with nothing in it that the schema does not know", (example) => {
    const schema = JSON.parse(readFileSync("schemas/faultline.schema.json", "utf8")) as Schema;
    const project = JSON.parse(readFileSync(join("examples", example, "faultline.json"), "utf8")) as object;
    expect(problems(project, schema, schema, "")).toEqual([]);
    expect(problems({ ...project, budgets: 1 }, schema, schema, "")).toEqual(["budgets: unknown"]);
  });

  it("describe every property of the project file", () => {
    const schema = JSON.parse(readFileSync("schemas/faultline.schema.json", "utf8")) as Schema;
    for (const [name, { description }] of Object.entries(schema.properties ?? {}))
      expect(description, name).toBeTruthy();
  });
});

describe("the input thread", () => {
  beforeAll(() => {
    execFileSync("make", ["-C", join(folder, "input-thread"), "-B", "-s"]);
  });

  const thread = (...args: string[]) => run("input-thread", "input-thread", args);
  const LINE = "200 events handled, the cursor is at 723,854 and has travelled 8243.6 px\n";

  it.each(["none", "sections", "all"])("handles 200 events of the sender it starts, with --lock %s", (what) => {
    expect(thread("--lock", what)).toMatchObject({ status: 0, stdout: LINE, stderr: "" });
  });

  it("reads events from standard input and acknowledges each when it is done", async () => {
    const child = spawn(join(folder, "input-thread/build/input-thread"), ["--ack", "-", "-"]);
    const event = Buffer.from([0, 0, 5, 0, 0xfd, 0xff, 0, 0]);
    for (let i = 0; i < 3; i++) {
      const answer = once(child.stdout, "data");
      child.stdin.write(event);
      expect(String((await answer)[0])).toBe("done\n");
    }
    const rest = once(child.stdout, "data");
    child.stdin.end();
    expect(String((await rest)[0])).toMatch(/^3 events handled, the cursor is at 975,531 /);
  });

  it("reads events from a FIFO until its writer goes, half an event at a time", () => {
    const fifo = join(folder, "events");
    execFileSync("mkfifo", [fifo]);
    const build = join(folder, "input-thread/build");
    const feed = `(head -c 11 all; sleep 0.1; tail -c +12 all) > ${fifo} & ${build}/input-thread ${fifo}`;
    const script = `cd ${folder} && ${build}/send-events 5 > all && { ${feed}; }`;
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toMatch(/^5 events handled/);
  });

  it("keeps to what its author remembered: code, data and a table have sections of their own, a jump table has not", () => {
    const program = join(folder, "input-thread/build/input-thread");
    const symbols = execFileSync("nm", ["--format=posix", program], { encoding: "utf8" });
    const sections = execFileSync("readelf", ["-SW", program], { encoding: "utf8" });
    const section = (name: string) => {
      const [, address = "", size = ""] = new RegExp(` ${name} +\\w+ +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+)`).exec(
        sections,
      )!;
      return { start: Number.parseInt(address, 16), end: Number.parseInt(address, 16) + Number.parseInt(size, 16) };
    };
    const isIn = (symbol: string, name: string) => {
      const address = Number.parseInt(new RegExp(`^${symbol} \\w ([0-9a-f]+)`, "m").exec(symbols)![1]!, 16);
      return address >= section(name).start && address < section(name).end;
    };
    expect(isIn("pointer_handle", "input_code") && isIn("cursor_x", "input_data") && isIn("gain", "input_table")).toBe(
      true,
    );
    expect(isIn("rotate", "\\.text") && isIn("history", "\\.bss") && isIn("pressure_curve", "\\.data")).toBe(true);
    expect(isIn("sine_table", "\\.rodata")).toBe(true);
    expect(execFileSync("objdump", ["-d", "-j", "input_code", program], { encoding: "utf8" })).toMatch(
      /jmp +\*%|notrack jmp/,
    );
  });

  it.each([
    [["--lock", "some"], /takes none, sections or all, not "some"/],
    [["--loud"], /^usage: input-thread/],
    [["--events"], /^usage: input-thread/],
  ])("refuses %j with one line", (args, message) => {
    const { status, stderr } = thread(...args);
    expect([status, stderr.split("\n").length]).toEqual([2, 2]);
    expect(stderr).toMatch(message);
  });

  it("says which file it could not read", () => {
    expect(thread("/no/such/file")).toMatchObject({
      status: 1,
      stderr: "input-thread: /no/such/file: No such file or directory\n",
    });
  });

  it("ignores an event of a kind it does not know", () => {
    const events = join(folder, "unknown");
    writeFileSync(events, Buffer.from([99, 0, 1, 0, 1, 0, 1, 0]));
    expect(thread(events)).toMatchObject({ status: 0, stderr: expect.stringContaining("unknown kind 99") });
  });
});

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** The part of JSON schema that ours uses; what it does not know, it does not check. */
function problems(value: unknown, schema: Schema, root: Schema, at: string): readonly string[] {
  if (schema.$ref !== undefined) {
    return problems(value, root.definitions![schema.$ref.replace("#/definitions/", "")]!, root, at);
  }
  const own: string[] = [];
  const choices = (schema.oneOf ?? []).filter((choice) => problems(value, choice, root, at).length === 0);
  if (schema.oneOf !== undefined && choices.length !== 1) own.push(`${at}: ${choices.length} of its forms fit`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) own.push(`${at}: not one of its values`);
  const type = Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
  if (schema.type !== undefined && ![schema.type].flat().includes(type)) own.push(`${at}: a ${type}`);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(String(value))) own.push(`${at}: pattern`);
  if (Array.isArray(value)) {
    return [...own, ...value.flatMap((item, i) => problems(item, schema.items ?? {}, root, `${at}[${i}]`))];
  }
  if (typeof value !== "object" || value === null) return own;
  for (const name of schema.required ?? []) if (!(name in value)) own.push(`${at}${name}: missing`);
  for (const [name, part] of Object.entries(value)) {
    const known = schema.properties?.[name];
    if (known !== undefined) own.push(...problems(part, known, root, `${at}${name}`));
    else if (schema.additionalProperties === false) own.push(`${at}${name}: unknown`);
  }
  return own;
}
