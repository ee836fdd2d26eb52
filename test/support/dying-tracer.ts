/** Enters a process, makes one call in it, leaves; and is killed before its N-th step. Arguments: PID N. */
import { openPtrace, type Ptrace } from "../../src/recorder/ffi/ptrace.js";
import { CallProcess } from "../../src/recorder/inject/call-process.js";

const [pid, last] = process.argv.slice(2).map(Number) as [number, number];
let steps = 0;

/** The same ptrace, of which each call counts. */
function counted(ptrace: Ptrace): Ptrace {
  return new Proxy(ptrace, {
    get: (of, name: keyof Ptrace) => {
      const call = of[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        // Looking is done as often as it takes; what changes something is a step.
        if (name !== "poll" && ++steps === last) process.kill(process.pid, "SIGKILL");
        return call.apply(of, args);
      };
    },
  });
}

const inside = CallProcess.open(pid, counted(openPtrace()));
inside.call("munlockall", []);
inside.close();
process.stdout.write(`${steps}\n`);
