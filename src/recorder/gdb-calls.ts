/** Calls inside a target made by gdb: the last resort, where our own way does not know the machine. */
import { spawn } from "node:child_process";
import { UserError } from "../host/user-error.js";
import type { PlainCall } from "./inject/call-messages.js";
import type { Calls } from "./inject/open-calls.js";

/**
 * gdb stops the whole process for a second or two at each run, and takes the calls from the target's C library. Whether
 * they may be made must have been asked before. Throws UserError when gdb can not make them.
 */
export function gdbCalls(pid: number): Calls {
  return {
    run: async (calls) => {
      const results: number[] = [];
      for (let first = 0; first < calls.length; first += MOST_AT_ONCE)
        results.push(...(await run(pid, calls.slice(first, first + MOST_AT_ONCE))));
      return results;
    },
    close: () => Promise.resolve(),
  };
}

/** An argument list has room for so many, and the target stands still meanwhile. */
const MOST_AT_ONCE = 500;

async function run(pid: number, calls: readonly PlainCall[]): Promise<readonly number[]> {
  const settings = ["auto-load off", "debuginfod enabled off", "confirm off", "startup-with-shell off"];
  const args = [
    ...["--batch", "-nx", ...settings.flatMap((setting) => ["-iex", `set ${setting}`])],
    ...["-p", String(pid)],
    ...calls.flatMap((call) => ["-ex", expression(call)]),
  ];
  // Away from the folder we are in: whatever lies there is none of gdb's business.
  const child = spawn("gdb", args, { cwd: "/", stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (some: string) => (text += some));
  await new Promise<void>((resolve, reject) => {
    child.once("error", () => reject(new UserError("gdb can not be started: apt-get install gdb")));
    child.once("close", () => resolve());
  });
  const results = [...text.matchAll(/^faultline-result (-?\d+) (\d+)$/gm)].map(([, result, errno]) =>
    Number(result) === 0 ? 0 : -Number(errno),
  );
  if (results.length < calls.length) throw new UserError(`gdb could not make the call in process ${pid}.`);
  return results;
}

/** Without debug information gdb knows no prototypes. An error number of 0 would pass for success. */
function expression({ name, parameters }: PlainCall): string {
  const types = parameters.map(() => "unsigned long").join(", ") || "void";
  const errno = "*((int *(*)(void))__errno_location)()";
  return `printf "faultline-result %d %d\\n", ((int (*)(${types}))${name})(${parameters.join(", ")}), ${errno}`;
}
