import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockSetOf } from "../../../../src/core/memlock/build-lock-set.js";
import { decodeLockSet } from "../../../../src/core/memlock/decode-lock-set.js";
import type { LockSet, LockSetObservation, ObservedPage, PageReason } from "../../../../src/core/memlock/lock-set.js";
import { lockSetText } from "../../../../src/core/report/lock-set-text.js";
import { lockSetTree, type LockSetNode } from "../../../../src/core/report/lock-set-tree.js";
import { plain } from "../../../../src/core/report/style.js";
import { english } from "../../../../src/core/report/translate.js";
import { openedImages } from "../../../../src/host/report-input.js";
import { nm } from "../../../support/elf-oracles.js";
import { startProgram, type RunningProgram } from "../../../support/lock-set-program.js";

const PAGE = Number(execFileSync("getconf", ["PAGESIZE"], { encoding: "utf8" }));

let program: RunningProgram;
beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.end());

describe("pages of a running program", () => {
  it("of its code are named by the function that was executed and those beside it, as nm has them", () => {
    const { handle_event: at } = program.at;
    const [part] = lockSet([faulted(at!, { access: "execute", chain: [at!] })]).parts;
    expect(part).toMatchObject({ region: "image", name: program.path, own: true, section: ".text", pages: 1 });
    expect(part!.objects[0]).toMatchObject({ kind: "function", name: "handle_event", reached: true });
    expect(part!.objects[0]!.declaration).toMatchObject({ line: 11 });
    const [range] = part!.ranges;
    const onPage = nm(program.path).filter(
      ({ address, size, kind }) =>
        size > 0 &&
        /[tTdDbB]/.test(kind) &&
        address < range!.linkAddress! + PAGE &&
        address + size > range!.linkAddress!,
    );
    const named = part!.objects.filter(({ size }) => size > 0);
    expect(named.map(({ symbol }) => symbol).sort()).toEqual(onPage.map(({ name }) => name).sort());
  });

  it("are found again in the file by offset and build id", () => {
    const at = program.at["handle_event"]!;
    const [part] = lockSet([faulted(at, { access: "execute", chain: [at] })]).parts;
    const notes = execFileSync("readelf", ["-n", program.path], { encoding: "utf8" });
    expect(part!.buildId).toBe(/Build ID: ([0-9a-f]+)/.exec(notes)?.[1]);
    const inMemory = bytesAt(`/proc/${program.pid}/mem`, at);
    expect(bytesAt(program.path, part!.ranges[0]!.fileOffset! + (at % PAGE))).toEqual(inMemory);
  });

  it("belong to .data, .bss, a library, the heap, and the stacks of the threads that use them", () => {
    const { counters, scratch, local, heap, memcpy, fresh, main } = program.at as Record<string, number>;
    const { parts } = lockSet([
      faulted(counters! + PAGE, { access: "write", address: counters! + PAGE }),
      faulted(scratch!, { access: "write", address: scratch! }),
      faulted(local!, { access: "write" }),
      faulted(heap!, { access: "write" }),
      faulted(memcpy!, { access: "execute", chain: [memcpy!] }),
      faulted(fresh!, { access: "write" }),
      faulted(main!, { access: "write" }),
    ]);
    const worker = program.threads.find(({ name }) => name === "input")!;
    const found = parts.map(({ region, section, name, own, objects }) => ({
      region,
      section,
      name: name.replace(/^.*\/|[0-9a-f]{8,}$/g, ""),
      own,
      first: objects[0]?.name.replace(/[0-9a-f]{8,}$/, ""),
    }));
    const library = program.maps
      .split("\n")
      .find((line) => line.includes("libc"))!
      .replace(/^.*\//, "");
    expect(found).toContainEqual({
      region: "image",
      section: ".data",
      name: "input-server",
      own: true,
      first: "counters",
    });
    expect(found).toContainEqual({
      region: "image",
      section: ".bss",
      name: "input-server",
      own: true,
      first: "scratch",
    });
    expect(found).toContainEqual(
      expect.objectContaining({ region: "image", section: ".text", name: library, own: false }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({ region: "thread-stack", name: `stack of input (tid ${worker.tid})` }),
    );
    expect(found).toContainEqual(expect.objectContaining({ region: "main-stack", name: "[stack]" }));
    expect(found).toContainEqual(expect.objectContaining({ region: "anonymous", name: "malloc arena at " }));
    expect(found.filter(({ region }) => region === "anonymous")).toHaveLength(2);
  });

  it("that touch each other are one range, in one part", () => {
    const at = program.at["counters"]!;
    const { parts, pages, bytes } = lockSet([faulted(at, {}), faulted(at + PAGE, {})]);
    expect(parts).toHaveLength(1);
    expect(parts[0]!.ranges).toMatchObject([{ pages: 2, address: `0x${at.toString(16)}` }]);
    expect({ pages, bytes }).toEqual({ pages: 2, bytes: 2 * PAGE });
  });

  it("that were dropped are not in the set, only counted", () => {
    const at = program.at["counters"]!;
    const set = lockSet([faulted(at, {}), { ...faulted(at + PAGE, {}), dropped: true }]);
    expect(set).toMatchObject({ pages: 1, droppedPages: 1 });
  });

  it("are told with the code that reached for them, and who in the program called it", () => {
    const { memcpy, handle_event: own, heap } = program.at as Record<string, number>;
    const set = lockSet([faulted(heap!, { access: "write", chain: [memcpy!, own! + 4] })]);
    expect(set.parts[0]!.sites[0]).toMatchObject({ calledFrom: "handle_event", pages: 1 });
    expect(set.parts[0]!.sites[0]!.image).toMatch(/libc/);
  });

  it("have remedies: placements for what is declared, ranges for libraries, touching for stacks", () => {
    const { counters, local, memcpy, heap } = program.at as Record<string, number>;
    const set = lockSet([
      faulted(counters!, { access: "write", address: counters! }),
      faulted(memcpy!, { access: "execute", chain: [memcpy!] }),
      faulted(local!, { access: "write" }),
      faulted(heap!, { access: "write" }),
    ]);
    expect(set.remedies.map(({ code }) => code)).toEqual([
      "place-in-locked-section",
      "lock-library-ranges",
      "prefault-thread-stack",
      "prefault-heap",
    ]);
    const text = textOf(set);
    expect(text).toMatch(/the program itself, whole \(\d+ kB\)/);
    const large = textOf({ ...set, program: { ...set.program!, bytes: 1 << 30 } });
    expect(large).toContain("FAULTLINE_DATA counters");
    expect(large).toMatch(/server\.c:9/);
    expect(text).toMatch(/libc\S* *: 1 page|of libc[^:]*: 1 page/);
  });
});

describe("the verdict", () => {
  const pages = () => [faulted(program.at["counters"]!, { access: "write" })];

  it("is irreducible only when no fault was left and each page was tried alone", () => {
    expect(lockSet(pages()).verdict).toBe("irreducible");
    expect(lockSet(pages(), { leftOneOut: false }).verdict).toBe("sufficient");
    expect(lockSet(pages(), { faultsAfter: 2 }).verdict).toBe("faults");
    expect(lockSet(pages(), { faultsAfter: undefined }).verdict).toBe("unproved");
    expect(lockSet(pages(), { intervals: [] }).verdict).toBe("unproved");
    expect(lockSet(pages(), { gaps: [{ code: "lost-records", detail: "3" }] }).verdict).toBe("unproved");
    expect(lockSet(pages(), { gaps: [{ code: "no-swap", detail: "3" }] }).verdict).toBe("irreducible");
  });

  it("is never called the smallest, and says what it is about", () => {
    const text = textOf(lockSet(pages()));
    expect(text).toContain("irreducible for the observed intervals");
    expect(text).toContain("one event");
    expect(text).not.toMatch(/smallest|minimal/);
  });

  it("is told against the limit and against mlockall", () => {
    const limited = (softBytes: number | undefined) =>
      textOf(lockSet(pages(), { limits: { softBytes, hardBytes: softBytes, privileged: false } })).replace(/\s+/g, " ");
    expect(limited(8 << 20)).toContain("It fits into RLIMIT_MEMLOCK, 8 MB.");
    expect(limited(0)).toContain("EPERM");
    expect(limited(PAGE - 1)).toContain("ENOMEM");
    expect(limited(undefined)).toContain("unlimited");
    expect(limited(8 << 20)).toContain("mlockall(MCL_CURRENT) would lock 77 MB, of which 11.7 MB were in memory.");
    expect(limited(8 << 20)).toContain("The kernel would refuse that with ENOMEM.");
  });
});

it("as JSON it keeps to its schema", () => {
  const { counters, local, memcpy } = program.at as Record<string, number>;
  const schema = JSON.parse(readFileSync("schemas/lockset.schema.json", "utf8")) as object;
  const validate = new Ajv2020({ strict: true }).compile(schema);
  const pages = [
    faulted(counters!, { access: "write", address: counters!, chain: [memcpy!] }),
    faulted(memcpy!, { access: "execute", chain: [memcpy!] }),
    faulted(local!, { kind: "pagemap", access: "unknown" }),
    faulted(4096, { access: "unknown" }),
  ];
  for (const set of [lockSet(pages, { gaps: [{ code: "no-swap", detail: "3" }] }), lockSet([], { whole: undefined })]) {
    validate(JSON.parse(JSON.stringify(set)));
    expect(validate.errors ?? []).toEqual([]);
  }
});

it("as JSON it is read back as it was, and what is no lock set is refused", () => {
  const { counters, memcpy } = program.at as Record<string, number>;
  const set = lockSet([
    faulted(counters!, { access: "write", address: counters!, chain: [memcpy!] }),
    faulted(memcpy!, { access: "execute", chain: [memcpy!] }),
  ]);
  const text = JSON.stringify(set);
  expect(JSON.parse(JSON.stringify(decodeLockSet(JSON.parse(text))))).toEqual(JSON.parse(text));
  for (const wrong of [undefined, null, 1, "", [], {}, { ...set, version: 2 }, { ...set, pageSize: 0 }])
    expect(decodeLockSet(wrong)).toBeUndefined();
});

it("of any JSON at all is read without harm", () => {
  const text = JSON.stringify(lockSet([faulted(program.at["counters"]!, { access: "write" })]));
  const values = [undefined, null, -1, 1e300, "x", [], {}, [null], true];
  const damaged = (value: unknown, depth: number): unknown[] => {
    if (depth === 0 || typeof value !== "object" || value === null) return values;
    return Object.keys(value).flatMap((key) =>
      damaged((value as Record<string, unknown>)[key], depth - 1).map((replaced) =>
        Array.isArray(value)
          ? value.map((item: unknown, index) => (String(index) === key ? replaced : item))
          : { ...value, [key]: replaced },
      ),
    );
  };
  let read = 0;
  for (const value of damaged(JSON.parse(text), 4)) {
    const set = decodeLockSet(value);
    if (set === undefined) continue;
    read++;
    expect(textOf(set)).toMatch(/./);
    expect(lockSetTree(set, english).length).toBeGreaterThan(1);
  }
  expect(read).toBeGreaterThan(100);
});

it("as a tree it leads to the sources of what was reached", () => {
  const { handle_event: code, counters } = program.at as Record<string, number>;
  const set = lockSet([
    faulted(code!, { access: "execute", chain: [code!] }),
    faulted(counters!, { access: "write", address: counters!, chain: [code!] }),
  ]);
  const tree = lockSetTree({ ...set, program: { ...set.program!, bytes: 1 << 30 } }, english);
  expect(tree.map(({ kind }) => kind)).toEqual(["good", "part", "part", "note", "note"]);
  const nodes = (function all(some: readonly LockSetNode[]): readonly LockSetNode[] {
    return some.flatMap((one) => [one, ...all(one.children)]);
  })(tree);
  expect(nodes.find(({ kind, label }) => kind === "object" && label === "handle_event")?.source).toMatchObject({
    file: expect.stringMatching(/server\.c$/),
    line: 11,
  });
  expect(nodes.find(({ kind }) => kind === "place")?.label).toBe("FAULTLINE_CODE handle_event");
  expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
});

it("hostile names do not reach the terminal", () => {
  const set = lockSet([faulted(program.at["counters"]!, {})], {
    command: ["\u001b[2Jprogram"],
    intervals: [{ name: "\u001b]0;title\u0007", stimulus: undefined, runs: 1 }],
    gaps: [{ code: "shared-with-others", detail: "/lib/\u001b[31mlib.so" }],
  });
  expect(textOf(set)).not.toMatch(/\u001b|\u0007/);
});

it("an observation of nothing says so", () => {
  const text = textOf(lockSet([], { maps: "", rounds: [] }));
  expect(text).toContain("Nothing needs to be locked");
});

function faulted(address: number, reason: Partial<PageReason>): ObservedPage {
  return {
    page: Math.floor(address / PAGE),
    dropped: false,
    reasons: [
      {
        kind: "fault",
        round: 1,
        stimulus: "motion",
        access: "read",
        kernel: false,
        major: true,
        again: false,
        tid: undefined,
        chain: [],
        ...reason,
      },
    ],
  };
}

function lockSet(pages: readonly ObservedPage[], fields: Partial<LockSetObservation> = {}): LockSet {
  const observation: LockSetObservation = {
    pid: program.pid,
    command: [program.path],
    pageSize: PAGE,
    maps: program.maps,
    threads: program.threads,
    rounds: [{ round: 1, resident: 0, faults: pages.length, newPages: pages.length }],
    pages,
    intervals: [{ name: "one event", stimulus: "motion", runs: 100 }],
    faultsAfter: 0,
    leftOneOut: true,
    alreadyLockedPages: 0,
    limits: { softBytes: 8 << 20, hardBytes: 8 << 20, privileged: false },
    whole: { virtualBytes: 77 << 20, residentBytes: 12_268_339 },
    gaps: [],
    tracePath: undefined,
    ...fields,
  };
  const images = openedImages("/", Date.now());
  try {
    return lockSetOf(observation, { resolve: images.resolve, mapSource: (file) => file });
  } finally {
    images.close();
  }
}

function bytesAt(path: string, position: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(16);
    expect(readSync(file, bytes, 0, bytes.length, position)).toBe(bytes.length);
    return bytes;
  } finally {
    closeSync(file);
  }
}

function textOf(set: LockSet): string {
  return lockSetText(set, { style: plain, width: 110, translate: english, displayPath: (file) => file });
}
