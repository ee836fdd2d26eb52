/** What a trace could not see, as sentences. */
import type { BlindSpot } from "../trace/run.js";
import { duration } from "./quantities.js";
import type { Translate } from "./translate.js";

/** One sentence: what is missing, why, and what would show it where something would. */
export function blindSpotSentence(spot: BlindSpot, translate: Translate): string {
  switch (spot.kind) {
    case "kernel-mode":
      return spot.reason === "asked"
        ? translate("Faults taken inside system calls are not shown, as --user-only asked.")
        : translate(
            "Faults taken inside system calls are not shown: that needs an elevated trace (sudo) or kernel.perf_event_paranoid at 1 or lower.",
          );
    case "get-user-pages":
      return translate(
        "Pages the kernel brought in for itself (mlock, MAP_POPULATE, O_DIRECT, futexes) raise no event; they are in the process's own counters only.",
      );
    case "setuid":
      return translate(
        "{0} runs with more rights than its caller (setuid, setgid or file capabilities): the kernel stops recording there, so its faults are missing.",
        spot.path,
      );
    case "unreadable":
      return translate(
        "{0} may be run but not read: the kernel stops recording there, so its faults are missing; allow reading it (chmod +r) to see them.",
        spot.path,
      );
    case "page-size":
      return translate(
        "Pages of this machine have {0} kB: one fault stands for that much memory.",
        spot.pageSize / 1024,
      );
    case "no-perf-events":
      return translate(
        "Perf events are refused here ({0}): shown are the pages that came in and stayed to the end, without instructions, times or the number of faults.",
        refuser(spot.reason, translate),
      );
    case "service-time":
      return translate("Service times are unknown: only the ends of faults were recorded (--light).");
    case "paused":
      return translate(
        "The recording was paused for {0}: faults taken then are missing.",
        duration(spot.milliseconds * 1e6),
      );
    case "interrupted":
      return translate("The recording was cut short: what came after its last moment is missing.");
  }
}

/** Who refuses, by the code of the refusal. */
function refuser(reason: string, translate: Translate): string {
  switch (reason) {
    case "seccomp":
      return translate("by a system-call filter");
    case "paranoid":
      return translate("by kernel.perf_event_paranoid");
    case "security-module":
      return translate("by a security module");
    case "no-perf-events":
    case "no-such-event":
      return translate("this kernel has none");
    default:
      return reason;
  }
}
