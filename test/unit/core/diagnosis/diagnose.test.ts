import { describe, expect, it } from "vitest";
import { diagnose } from "../../../../src/core/diagnosis/diagnose.js";
import type { FaultCode, FaultFacts } from "../../../../src/core/diagnosis/diagnosis.js";

const LIBC = "/usr/lib/x86_64-linux-gnu/libc.so.6";
const LOADER = "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2";
const PROGRAM = "/bin/program";

describe.each<[string, Partial<FaultFacts>, string, string, string | undefined]>([
  [
    "code of the program",
    { section: ".text", access: "execute", executable: true },
    "code-not-resident",
    "place-in-locked-section",
    ".text",
  ],
  ["a constant of the program", { section: ".rodata" }, "constant-not-resident", "lock-own-section", ".rodata"],
  [
    "a variable of the program",
    { section: ".bss", writable: true, access: "write" },
    "variable-not-resident",
    "place-in-locked-section",
    ".bss",
  ],
  ["a table of the linker", { section: ".got", writable: true }, "linkage-not-resident", "lock-own-section", ".got"],
  [
    "code of a library",
    { name: LIBC, own: false, section: ".text", access: "execute", executable: true },
    "code-not-resident",
    "lock-library-ranges",
    ".text",
  ],
  [
    "the resolver of the dynamic linker",
    { name: LOADER, own: false, section: ".text", code: [code("_dl_fixup", LOADER), code("handle", PROGRAM)] },
    "lazy-binding",
    "bind-now",
    "handle",
  ],
  [
    "a nameless part of the dynamic linker",
    { name: LIBC, own: false, section: ".dynsym", code: [code("", LOADER), code("handle", PROGRAM)] },
    "lazy-binding",
    "bind-now",
    "handle",
  ],
  [
    "thread-local storage made at its first use",
    { region: "heap", name: "[heap]", code: [code("malloc", LIBC), code("__tls_get_addr", LOADER)] },
    "first-use-of-library",
    "warm-up",
    "__tls_get_addr",
  ],
  [
    "a library that is loaded",
    { name: "/lib/plugin.so", own: false, code: [code("", LOADER), code("dlopen", LIBC)] },
    "first-use-of-library",
    "warm-up",
    "dlopen",
  ],
  [
    "a buffer of stdio",
    { region: "heap", code: [code("_IO_file_doallocate", LIBC)] },
    "first-use-of-library",
    "warm-up",
    "_IO_file_doallocate",
  ],
  ["the kernel's clock page", { region: "vvar", name: "[vvar]" }, "vdso-data", "warm-up", "clock_gettime"],
  ["the main stack", { region: "main-stack", name: "[stack]" }, "main-stack-grows", "prefault-main-stack", "[stack]"],
  [
    "a thread's stack that the kernel writes",
    { region: "thread-stack", name: "stack of input (tid 2)", kernel: true, access: "write" },
    "thread-stack",
    "prefault-thread-stack",
    "stack of input (tid 2)",
  ],
  ["the heap", { region: "heap", name: "[heap]" }, "heap", "prefault-heap", "[heap]"],
  [
    "an arena of malloc",
    { region: "anonymous", name: "malloc arena at 7f0000000000" },
    "heap",
    "prefault-heap",
    "malloc arena at 7f0000000000",
  ],
  [
    "a page of zeros that is written",
    { region: "anonymous", name: "anonymous memory", again: true, access: "write" },
    "zero-page",
    "populate-for-writing",
    "anonymous memory",
  ],
  [
    "a copy after fork",
    { forked: true, section: ".data", access: "write", writable: true, name: PROGRAM },
    "copy-on-write",
    "no-fork-copies",
    PROGRAM,
  ],
  [
    "a shared file that is written",
    { region: "file", name: "/data/log", shared: true, access: "write" },
    "shared-file-written",
    "memory-backed-file",
    "/data/log",
  ],
  ["a file that is read", { region: "file", name: "/data/log" }, "file-not-resident", "lock-mapping", "/data/log"],
  [
    "memory that came back from swap",
    { region: "heap", name: "[heap]", major: true },
    "swapped-in",
    "lock-mapping",
    "[heap]",
  ],
  [
    "a buffer that a system call fills",
    { region: "heap", kernel: true, access: "write", code: [code("read", LIBC)] },
    "kernel-access",
    "lock-buffer",
    "read",
  ],
  [
    "anything else",
    { region: "anonymous", name: "anonymous memory at 7f" },
    "anonymous-memory",
    "lock-mapping",
    "anonymous memory at 7f",
  ],
])("a fault in %s", (_, fields, cause, remedy, subject) => {
  it(`has the cause ${cause} and the remedy ${remedy}`, () => {
    expect(diagnose({ ...FACTS, ...fields })).toEqual({ cause, remedy, subject });
  });
});

it("what a campaign evicted itself is not called swapped in, copied or read before it was written", () => {
  const evicted = { evicted: true, region: "heap", name: "[heap]", major: true, again: true, forked: true } as const;
  expect(diagnose({ ...FACTS, ...evicted, access: "write" }).cause).toBe("heap");
});

const FACTS: FaultFacts = {
  region: "image",
  name: PROGRAM,
  section: undefined,
  own: true,
  writable: false,
  executable: false,
  shared: false,
  access: "read",
  kernel: false,
  major: false,
  again: false,
  evicted: false,
  forked: undefined,
  code: [],
};

function code(name: string, image: string): FaultCode {
  return { function: name, image };
}
