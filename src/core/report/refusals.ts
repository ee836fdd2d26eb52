/** Refused permissions as a person needs them: one sentence with its next step, then the ways to get the permission. */
import { MACHINE_LEVEL, containerName, containerRemedies } from "./container-remedies.js";
import type { Refusal } from "../trace/refusal.js";
import { elevated, filesRemedies, lasting, ringFit, ringRemedies, shellWords, type Remedy } from "./remedies.js";
import type { Translate } from "./translate.js";

export type { Remedy };

/** What was refused, why, and what to do next. */
export function refusalSentence(refusal: Refusal, translate: Translate): string {
  const { paranoid = 2, pid = 0, path = "" } = refusal;
  switch (refusal.code) {
    case "kernel-mode":
      return translate(
        "Faults taken inside system calls are left out: kernel.perf_event_paranoid is {0} and this run is not elevated; one of these ways shows them too.",
        paranoid,
      );
    case "paranoid":
      return isConfined(refusal)
        ? translate(
            "This machine keeps perf events to root (kernel.perf_event_paranoid is {0}): start the container with the capability for them, or lower the level to {1} on the host.",
            paranoid,
            levelNeeded(refusal),
          )
        : translate(
            "This system keeps perf events to root (kernel.perf_event_paranoid is {0}): run the trace elevated, or lower the level to {1}.",
            paranoid,
            levelNeeded(refusal),
          );
    case "other-user":
      return translate(
        "Process {0} belongs to {1}, and you may trace only your own: run the trace elevated.",
        pid,
        refusal.owner ?? "?",
      );
    case "protected-process":
      return translate(
        "Process {0} is yours, but runs a program with more rights than you have (setuid, file capabilities) or one you may not read: run the trace elevated.",
        pid,
      );
    case "seccomp":
      return refusal.container === undefined
        ? translate(
            "A system-call filter (seccomp) that this shell was started under refuses perf events: trace from a shell outside of it, or have its owner allow perf_event_open.",
          )
        : translate(
            "The system-call filter of {0} refuses perf events: allow them where it is started.",
            containerName(refusal, translate),
          );
    case "security-module":
      return translate(
        "A security module of this system (SELinux, AppArmor, lockdown) refuses perf events to this program: find the denial in the kernel's log and allow it there.",
      );
    case "no-perf-events":
      return noPerfEvents(refusal, translate);
    case "no-such-event":
      return translate(
        "This kernel has perf events, but not the page-fault events ({0}): trace on a kernel that counts them, which `perf list sw` shows.",
        refusal.errno,
      );
    case "gone":
      return refusal.call === "launch" || refusal.pid === undefined
        ? translate("The program ended before the trace could start: start it again.")
        : translate(
            "There is no process {0} any more: look its number up again (pgrep -a NAME), or catch its next start with --wait NAME.",
            pid,
          );
    case "too-many-files":
      return translate(
        "The trace needs more open files than the {0} allowed here, one for each event, thread and processor: raise the limit.",
        refusal.openFiles?.soft ?? "?",
      );
    case "too-many-files-in-system":
      return translate("All the files this system may have open are open (fs.file-max): close programs, or raise it.");
    case "ring-budget":
      return ringSentence(refusal, translate);
    case "no-memory":
      return translate(
        "The kernel has no memory left for the trace's buffers: free some, or use smaller ones (--ring 64).",
      );
    case "tracefs-not-mounted":
      return translate(
        "--access needs the kernel's tracing file system, which is not mounted: mount it, or trace without --access.",
      );
    case "tracefs-unreadable":
    case "tracepoint-privilege":
      return translate(
        "--access needs the kernel's tracepoints, which are root's: run the trace elevated, or without --access.",
      );
    case "no-such-tracepoint":
      return translate(
        "This kernel has no tracepoint {0} (x86 and RISC-V have them): trace without --access; reads and writes are then not told apart.",
        path,
      );
    case "program-not-found":
      return path.includes("/")
        ? translate("There is no program {0}: build it first, or correct the path.", path)
        : translate("There is no program {0} in PATH: give its path, such as ./{0}.", path);
    case "program-not-executable":
      if (refusal.errno === "EISDIR") return translate("{0} is a folder: name the program in it.", path);
      return translate("{0} may not be executed: name a program, or make this one executable (chmod +x).", path);
    case "program-malformed":
      return translate(
        "{0} is not a program this machine can run: build it for this architecture, or give a script a first line such as #!/bin/sh.",
        path,
      );
    case "ptrace":
      return translate(
        "The program cannot be held at its end, as ptrace is refused: pages are sampled while it runs, and what came in shortly before its end may be missing; one of these ways permits it.",
      );
    case "unexpected":
      return translate(
        "The kernel refused {0} with {1}, for a reason Faultline does not know: try the trace elevated.",
        refusal.call === "mmap-ring" ? "mmap" : refusal.call === "launch" ? "execve" : "perf_event_open",
        refusal.errno,
      );
  }
}

/** The ways to get the permission, the least lasting first. */
export function remedies(refusal: Refusal, translate: Translate): Remedy[] {
  switch (refusal.code) {
    case "kernel-mode":
    case "paranoid":
      return privilege(refusal, translate);
    case "tracepoint-privilege":
    case "tracefs-unreadable":
      return tracepointRemedies(refusal, translate);
    case "seccomp":
      return containerRemedies(refusal, translate);
    case "ptrace":
      return ptraceRemedies(refusal, translate);
    case "other-user":
    case "protected-process":
      return refusal.container !== undefined && refusal.uid === 0
        ? containerRemedies(refusal, translate)
        : [elevated(refusal, translate)];
    case "too-many-files":
      return filesRemedies(refusal, translate);
    case "too-many-files-in-system":
      return lasting("fs.file-max", RAISED_FILE_MAX, translate);
    case "ring-budget":
      return ringRemedies(refusal, translate);
    case "tracefs-not-mounted":
      return mountRemedies(translate);
    case "security-module":
      return [{ title: translate("Find the denial"), command: DENIALS, lasts: "this-trace" }];
    case "program-not-executable":
      if (refusal.errno === "EISDIR") return [];
      return [
        {
          title: translate("Make it executable"),
          command: `chmod +x ${shellWords([refusal.path ?? ""])}`,
          lasts: "for-good",
        },
      ];
    case "unexpected":
      return refusal.uid === 0 ? [] : [elevated(refusal, translate)];
    case "no-perf-events":
      return refusal.container === "wsl1"
        ? [{ title: translate("In Windows"), command: "wsl --set-version NAME 2", lasts: "for-good" }]
        : [];
    case "gone":
    case "no-such-event":
    case "no-memory":
    case "no-such-tracepoint":
    case "program-not-found":
    case "program-malformed":
      return [];
  }
}

/** The sentence, then the remedies as indented lines: what the command line prints. No newline at the end. */
export function refusalText(refusal: Refusal, translate: Translate): string {
  const lines = remedies(refusal, translate).map(
    ({ title, command }) => `  ${title}${command === undefined ? "" : `:\n    ${command}`}`,
  );
  return [refusalSentence(refusal, translate), ...lines].join("\n");
}

const RAISED_FILE_MAX = 2_097_152;
const DENIALS = "sudo journalctl -k -g 'avc|apparmor|lockdown' --since -5min";

/** 2 admits user-mode faults, 1 those inside system calls too, -1 tracepoints: admin-guide/sysctl/kernel.rst. */
function levelNeeded(refusal: Refusal): number {
  if (refusal.call === "tracepoint") return -1;
  return refusal.userOnly ? 2 : 1;
}

/** Whether the machine's settings are out of reach from here. */
function isConfined({ container }: Refusal): boolean {
  return container !== undefined && MACHINE_LEVEL.has(container);
}

function privilege(refusal: Refusal, translate: Translate): Remedy[] {
  const level = lasting("kernel.perf_event_paranoid", levelNeeded(refusal), translate);
  if (!isConfined(refusal)) return [elevated(refusal, translate), ...level];
  // The setting is the whole machine's: a container sees it, but cannot change it.
  const onHost = lasting("kernel.perf_event_paranoid", levelNeeded(refusal), translate, "host");
  return [...containerRemedies(refusal, translate), ...onHost];
}

function tracepointRemedies(refusal: Refusal, translate: Translate): Remedy[] {
  const folders = `${TRACING} ${TRACING}/events`;
  const files = `${TRACING}/events/exceptions ${TRACING}/events/header_*`;
  const open = `sudo sysctl kernel.perf_event_paranoid=-1 && sudo chmod a+rx ${folders} && sudo chmod -R a+rX ${files}`;
  if (refusal.uid === 0 && !refusal.privileged) return containerRemedies(refusal, translate);
  return [
    elevated(refusal, translate),
    { title: translate("Until the machine restarts"), command: open, lasts: "until-reboot" },
  ];
}

const TRACING = "/sys/kernel/tracing";

function mountRemedies(translate: Translate): Remedy[] {
  return [
    {
      title: translate("Until the machine restarts"),
      command: `sudo mount -t tracefs tracefs ${TRACING}`,
      lasts: "until-reboot",
    },
    {
      title: translate("For good"),
      command: `echo 'tracefs ${TRACING} tracefs defaults 0 0' | sudo tee -a /etc/fstab && sudo mount ${TRACING}`,
      lasts: "for-good",
    },
  ];
}

function ptraceRemedies(refusal: Refusal, translate: Translate): Remedy[] {
  if (isConfined(refusal)) return containerRemedies(refusal, translate);
  return [elevated(refusal, translate), ...lasting("kernel.yama.ptrace_scope", 1, translate)];
}

function noPerfEvents(refusal: Refusal, translate: Translate): string {
  switch (refusal.container) {
    case "gvisor":
      return translate("The gVisor sandbox has no perf events: run the program in a container with the runc runtime.");
    case "wsl1":
      return translate("WSL 1 has no perf events: move this distribution to WSL 2.");
    default:
      return translate(
        "This kernel has no perf events ({0}; it was built without CONFIG_PERF_EVENTS): trace on a kernel that has them.",
        refusal.errno,
      );
  }
}

function ringSentence(refusal: Refusal, translate: Translate): string {
  const { ringPages = 0, mlockKb = 0 } = refusal;
  return ringFit(refusal) < ringPages
    ? translate(
        "Rings of {0} pages do not fit into what you may lock for perf events ({1} kB a processor): use smaller ones, or raise the limit.",
        ringPages,
        mlockKb,
      )
    : translate(
        "What you may lock for perf events ({1} kB a processor) is in use, so rings of {0} pages do not fit: end your other recordings, use smaller rings, or raise the limit.",
        ringPages,
        mlockKb,
      );
}
