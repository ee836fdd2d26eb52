/** The command line: picks the command, prints its errors once, as one sentence. */
import { UserError } from "../host/user-error.js";
import { say } from "./say.js";

type Command = (args: readonly string[]) => Promise<number>;

/** Loaded on use: `report` must not pay for koffi. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  record: async () => (await import("./record.js")).record,
  report: async () => (await import("./report.js")).report,
  lockset: async () => (await import("./lockset.js")).lockset,
  prove: async () => (await import("./prove.js")).prove,
  lock: async () => (await import("./lock.js")).lock,
  place: async () => (await import("./place.js")).place,
  script: async () => (await import("./script.js")).script,
  reach: async () => (await import("./reach.js")).reach,
  inspect: async () => (await import("./inspect.js")).inspect,
  // Not for people: our own process that makes calls inside a target.
  "inject-calls": async () => (await import("./injection.js")).serve,
};

async function main(argv: readonly string[]): Promise<number> {
  const [name = "--help", ...args] = argv;
  if (name === "--help" || name === "-h" || name === "help") return usage(process.stdout, 0);
  if (name === "--version") {
    process.stdout.write(`faultline ${process.env["FAULTLINE_VERSION"] ?? "0.1.0"}\n`);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    say(`There is no command "${name}".`);
    return usage(process.stderr, 2);
  }
  return (await load())(args);
}

function usage(to: NodeJS.WritableStream, code: number): number {
  const lines = [
    "usage: faultline COMMAND …",
    "",
    "  record   run a program, or attach to one, and record its page faults",
    "  report   show where the faults were taken, what they touched and what they cost",
    "  lockset  find the pages a program must lock so that its intervals take no fault",
    "  prove    evict what is not locked, run the intervals, and count: fault-free, faults, or unproved",
    "  lock     lock memory of a running process, all or nothing, and take it back",
    "  place    place functions and globals in locked sections, and verify it in the linked file",
    "  reach    list what a function could touch: what it calls and refers to, by section and page",
    "  script   say what a linker script does: its problems, and which statement places what",
    "  inspect  show the sections and symbols of an ELF file by page, and what is locked with what",
    "",
    "faultline COMMAND --help says more.",
  ];
  to.write(`${lines.join("\n")}\n`);
  return code;
}

/** What the system refused is no mistake of ours: a full disk, a file that is gone. Anything else is a bug, and crashes. */
function sentenceOf(error: unknown): string | undefined {
  if (error instanceof UserError) return error.message;
  return error instanceof Error && "syscall" in error ? `The system refused (${error.message}).` : undefined;
}

/** Says the error once, however many ways it arrives: a stream tells it and so does whoever waited for the stream. */
function failing(): (error: unknown) => void {
  const told = new Set<unknown>();
  return (error) => {
    const sentence = sentenceOf(error);
    if (sentence === undefined) throw error;
    if (!told.has(error)) say(sentence);
    told.add(error);
    process.exitCode = 2;
  };
}

const fail = failing();

// Whoever read along may leave (`record --live … | head`): that ends neither the program nor its recording.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") fail(error);
  });
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode ??= code;
}, fail);
