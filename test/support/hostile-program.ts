/** A real program, by a real compiler, all of whose names attack whoever shows them: symbols, sections, files, threads. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PERF_SAMPLE, PerfEncoder, type EncodedEvent } from "./perf-encoder.js";

export interface HostileProgram {
  /** Absolute paths; the names attack, too. */
  readonly path: string;
  readonly source: string;
}

/** What runs, or is run, when a name is taken for markup says so in the page's title. */
const MARK = "document.title='pwned'";
/** None of them has a byte of zero, a slash, or a blank at its ends: they have to be names of files, too. */
export const HOSTILE_NAMES: readonly string[] = [
  `<img src=x onerror="${MARK}"><script>${MARK}</script>`,
  "[x](command:workbench.action.quit)[y](https://example.invalid)",
  "$(trash)$(sync~spin) **bold** `code` <b>b</b> ![i](x.png)",
  "\u001b[31mred\u001b]0;pwned\u0007\u001b[2J\r\n\u009b1m",
  "\u202ecod.exe\u2066\u200f\ufeff\u2028end",
  `"'&lt;</style></script><svg onload=${MARK}>`,
  `${"long ".repeat(200_000)}end`,
];
/** The name of a thread has at most 15 bytes. */
const THREADS = ["[x](command:a)", "$(trash)<b>b", "\u001b[31m\u202ered"];

/** Builds it, and a source file beside it, in the folder, which is made. */
export function buildHostileProgram(folder: string): HostileProgram {
  mkdirSync(folder, { recursive: true });
  const plain = join(folder, "plain.c");
  const source = join(folder, `${HOSTILE_NAMES[1]}$(trash)\u202e.c`.replaceAll("/", ":"));
  const path = join(folder, `${HOSTILE_NAMES[0]}$(trash)`.replaceAll("/", ":"));
  writeFileSync(plain, sourceText(placeholder("FILE", source)));
  execFileSync("gcc", ["-g", "-O1", "-pthread", "-o", join(folder, "plain"), plain]);
  const bytes = readFileSync(join(folder, "plain"));
  // Each becomes a name of the same length, in the tables of symbols and sections and in the debug information.
  HOSTILE_NAMES.forEach((name, at) => {
    for (const kind of KINDS) replaceAll(bytes, placeholder(`${kind}${at}_`, name), name);
  });
  replaceAll(bytes, placeholder("FILE", source), source);
  // What is opened as the source has its lines, and no names that are too long for an editor.
  writeFileSync(
    source,
    HOSTILE_NAMES.map((_, at) => `static int variable${at};\nvoid function${at}(void) {}\n`).join(""),
  );
  writeFileSync(path, bytes, { mode: 0o755 });
  for (const name of ["plain", "plain.c"]) rmSync(join(folder, name));
  return { path, source };
}

/** Functions, variables, sections. */
const KINDS = ["F", "V", "S"] as const;

/** An identifier of C with as many bytes as the name. */
function placeholder(start: string, name: string): string {
  return start.padEnd(Buffer.byteLength(name), "x");
}

function replaceAll(bytes: Buffer, placeholder: string, name: string): void {
  for (let at = bytes.indexOf(placeholder); at >= 0; at = bytes.indexOf(placeholder, at)) at += bytes.write(name, at);
}

/** Functions that touch a page of a variable each, in a section of its own; threads that touch their stacks. */
function sourceText(file: string): string {
  const names = HOSTILE_NAMES.map((name, at) => KINDS.map((kind) => placeholder(`${kind}${at}_`, name)));
  return `#define _GNU_SOURCE
#include <pthread.h>
static const char *names[] = { ${THREADS.map(cText).join(", ")} };
static void *named(void *name) {
  volatile char local[65536];
  pthread_setname_np(pthread_self(), name);
  for (int at = 0; at < 65536; at += 4096) local[at] = 1;
  return 0;
}
#line 1 "${file}"
${names
  .map(
    ([call, variable, section]) =>
      `static volatile char ${variable}[8192] __attribute__((aligned(4096), section("${section}"))) = {1};
__attribute__((noinline)) static void ${call}(void) { ${variable}[4096] = 1; }
`,
  )
  .join("")}
int main(void) {
  pthread_t threads[${THREADS.length}];
  ${names.map(([call]) => `${call}();`).join("\n  ")}
  for (int at = 0; at < ${THREADS.length}; at++) {
    pthread_create(&threads[at], 0, named, (void *)names[at]);
    pthread_join(threads[at], 0);
  }
  return 0;
}
`;
}

/** A string of C, byte by byte. */
function cText(text: string): string {
  return `"${[...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}"`;
}

/** A perf.data whose threads and mappings have the names, as far as its records can hold them, and a fault in each. */
export function hostilePerfData(): Uint8Array {
  const { IP, TID, TIME, ADDR, IDENTIFIER } = PERF_SAMPLE;
  const event: EncodedEvent = {
    type: 1,
    config: 2, // PERF_COUNT_SW_PAGE_FAULTS
    sampleType: IP | TID | TIME | ADDR | IDENTIFIER,
    ids: [1],
  };
  const perf = new PerfEncoder([event]);
  HOSTILE_NAMES.forEach((name, at) => {
    const [pid, base] = [100 + at, 0x10000 * (at + 1)];
    // A record has at most 64 kB.
    const short = name.slice(0, 60_000);
    perf.comm(pid, pid, short, 10 * at + 1, true);
    perf.mmap2(pid, base, 0x4000, 0, `/${short}`, 10 * at + 2);
    perf.sample({ event, pid, tid: pid, time: 10 * at + 3, ip: base + 0x10, address: base + 0x1000 });
  });
  return perf.file();
}
