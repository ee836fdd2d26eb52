/** Why no call can be made inside a process: the codes, each of which has a sentence (core/report/injection-refusals.ts). */

export const INJECTION_REFUSALS = [
  /** Its uids are not all the caller's. */
  "other-user",
  /** It runs with rights that its user has not. */
  "privileged",
  /** Its seccomp filter may kill it for a call it does not expect. */
  "seccomp",
  "32-bit",
  /** A debugger or another tracer has it. */
  "traced",
  /** The kernel's ptrace scope (Yama), a container, or a process that may not be dumped. */
  "not-permitted",
  "gone",
  /** No thread of it stops: all are in uninterruptible waits. */
  "unresponsive",
  /** Signals kept coming first. */
  "busy",
  /** Nothing is known of this machine. */
  "machine",
  /** The process that makes the calls ended. */
  "ended",
] as const;

export type InjectionRefusal = (typeof INJECTION_REFUSALS)[number];
