/** Why nothing can be done inside a process, as one sentence with the next step. */
import type { InjectionRefusal } from "../memlock/injection-refusal.js";
import { printable } from "./printable.js";
import type { Translate } from "./translate.js";

export function injectionRefusalText(
  refusal: InjectionRefusal,
  pid: number,
  detail: string,
  translate: Translate,
): string {
  switch (refusal) {
    case "other-user":
      return translate("Process {0} belongs to another user: run Faultline as that user.", pid);
    case "privileged":
      return translate(
        "Process {0} runs with rights its user has not (setuid, setgid or file capabilities): Faultline leaves such programs alone; let the program lock itself with runtime/faultline.h.",
        pid,
      );
    case "seccomp":
      return translate(
        "Process {0} has a seccomp filter, which could kill it for a call it does not expect: let it lock itself with runtime/faultline.h, before it installs the filter.",
        pid,
      );
    case "32-bit":
      return translate("Process {0} is a 32-bit program: let it lock itself with runtime/faultline.h.", pid);
    case "traced":
      return translate(
        "Process {0} is traced already ({1}): end that tracer, a debugger perhaps, and try again.",
        pid,
        printable(detail, 60),
      );
    case "not-permitted":
      return translate(
        "The kernel does not let Faultline trace process {0}: run it as root, set kernel.yama.ptrace_scope to 0, or start the container with --cap-add=SYS_PTRACE.",
        pid,
      );
    case "gone":
      return translate("Process {0} has ended: name one that runs.", pid);
    case "unresponsive":
      return translate(
        "No thread of process {0} could be stopped, all wait in the kernel (state D): try again when the disk or device they wait for has answered.",
        pid,
      );
    case "busy":
      return translate(
        "Process {0} gets signals faster than one call can be made: try again when it is less busy.",
        pid,
      );
    case "machine":
      return translate(
        "Calls inside a process can be made on x86-64 and aarch64 only: let it lock itself with runtime/faultline.h.",
      );
    case "ended":
      return translate("The process that makes the calls inside process {0} has ended: try again.", pid);
  }
}
