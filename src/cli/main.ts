/** The command line: picks the command, prints its errors once, as one sentence. */
import { UserError } from "../host/user-error.js";

type Command = (args: readonly string[]) => Promise<number>;

/** Loaded on use: `report` must not pay for koffi. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  record: async () => (await import("./record.js")).record,
  report: async () => (await import("./report.js")).report,
};

async function main(argv: readonly string[]): Promise<number> {
  const [name = "--help", ...args] = argv;
  if (name === "--help" || name === "-h" || name === "help") return usage(process.stdout, 0);
  if (name === "--version") {
    process.stdout.write(`faultline ${process.env["FAULTLINE_VERSION"] ?? "0.1.0"}\n`);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) return usage(process.stderr, 2, `faultline: there is no command "${name}".`);
  return (await load())(args);
}

function usage(to: NodeJS.WritableStream, code: number, complaint?: string): number {
  const lines = [
    ...(complaint === undefined ? [] : [complaint]),
    "usage: faultline COMMAND …",
    "",
    "  record   run a program, or attach to one, and record its page faults",
    "  report   show where the faults were taken, what they touched and what they cost",
    "",
    "faultline COMMAND --help says more.",
  ];
  to.write(`${lines.join("\n")}\n`);
  return code;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`faultline: ${error.message}\n`);
    process.exitCode = 2;
  },
);
