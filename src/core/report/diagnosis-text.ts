/** Causes, remedies and gaps as sentences. */
import type { CauseCode, RemedyCode } from "../diagnosis/diagnosis.js";
import type { Gap } from "../memlock/lock-set.js";
import { printable } from "./printable.js";
import { grouped } from "./quantities.js";
import type { Translate } from "./translate.js";

/** Why the kernel had to handle the fault: completes "this page …", in a few words. */
export function causeText(cause: CauseCode, translate: Translate): string {
  switch (cause) {
    case "code-not-resident":
      return translate("code that was not in memory");
    case "constant-not-resident":
      return translate("constants that were not in memory");
    case "variable-not-resident":
      return translate("variables that were not in memory");
    case "linkage-not-resident":
      return translate("the linker's tables were not in memory");
    case "lazy-binding":
      return translate("a function was resolved at its first call");
    case "first-use-of-library":
      return translate("a library set itself up at its first use");
    case "vdso-data":
      return translate("the kernel's clock page was read for the first time");
    case "main-stack-grows":
      return translate("the main thread's stack");
    case "thread-stack":
      return translate("a thread's stack");
    case "heap":
      return translate("the heap");
    case "zero-page":
      return translate("read first, then written: two faults");
    case "copy-on-write":
      return translate("copied at the first write after fork");
    case "shared-file-written":
      return translate("a page of a shared file was written");
    case "swapped-in":
      return translate("it had been swapped out");
    case "kernel-access":
      return translate("a system call reached into it");
    case "file-not-resident":
      return translate("a mapped file was not in memory");
    case "shared-memory":
      return translate("shared memory");
    case "anonymous-memory":
      return translate("memory of the program's own");
  }
}

/** What to do, as a heading. */
export function remedyText(remedy: RemedyCode, translate: Translate): string {
  switch (remedy) {
    case "bind-now":
      return translate("Have every function resolved at the start");
    case "warm-up":
      return translate("Do it once before the interval");
    case "place-in-locked-section":
      return translate("Place functions and variables in locked sections");
    case "lock-own-section":
      return translate("Lock what the compiler and the linker made");
    case "lock-library-ranges":
      return translate("Lock parts of libraries");
    case "prefault-main-stack":
      return translate("Bring in and lock the main thread's stack");
    case "prefault-thread-stack":
      return translate("Bring in and lock the stacks of threads");
    case "prefault-heap":
      return translate("Bring in and lock the heap");
    case "populate-for-writing":
      return translate("Write to fresh memory once before it counts");
    case "no-fork-copies":
      return translate("Keep fork from sharing these pages");
    case "memory-backed-file":
      return translate("Put the shared file into memory");
    case "lock-buffer":
      return translate("Lock the buffers that system calls fill");
    case "lock-mapping":
      return translate("Lock these mappings");
  }
}

/** One sentence for each thing that could not be seen or evicted. */
export function gapText({ code, detail = "" }: Gap, translate: Translate): string {
  const name = printable(detail);
  switch (code) {
    case "no-kernel-events":
      return translate(
        "Faults inside system calls were told by the kernel's counters and by what came into memory only: perf may not look there (kernel.perf_event_paranoid, or sudo).",
      );
    case "no-events":
      return translate(
        "Perf events were refused: what came into memory is known, the code that reached for it is not.",
      );
    case "no-swap":
      return translate(
        "{0} pages of private memory stayed where they were, since there is no swap: whether they would fault after being swapped out was not tried.",
        counted(detail),
      );
    case "touched-unswappable":
      return translate(
        "{0} pages of private memory that an interval touched could not leave: with swap they may fault, and they are not in this result.",
        counted(detail),
      );
    case "before-lock":
      return translate(
        "The interval begins with the program: faults before faultline_lock() returns cannot be avoided. For those after it, name an interval that begins later (--after, or a mark).",
      );
    case "shared-with-others":
      return translate(
        "{0} could not be evicted, since other processes use it, too: its pages may be missing here. As root the program gets its own copies.",
        name,
      );
    case "stayed-resident":
      return translate("{0} pages stayed in memory though they were asked to leave.", counted(detail));
    case "not-left-one-out":
      return translate("Not every page was tried alone: the set may be larger than it must be.");
    case "lost-records":
      return translate("{0} records of faults were lost.", counted(detail));
    case "unexplained-faults":
      return translate("{0} faults were counted that nothing else explains.", counted(detail));
    case "no-end":
      return translate('The end of "{0}" was not seen.', name);
    case "nothing-ran":
      return translate('No thread of the program ran in "{0}": make it longer than the program sleeps.', name);
    case "child-processes":
      return translate(
        "The program started {0} processes, which are not covered: locks are not inherited.",
        counted(detail),
      );
  }
}

function counted(detail: string): string {
  return /^\d+$/.test(detail) ? grouped(Number(detail)) : printable(detail);
}
