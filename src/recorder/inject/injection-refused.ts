/** Why no call can be made inside a process. */

export type InjectionRefusal =
  /** Its uids are not all the caller's. */
  | "other-user"
  /** It runs with rights that its user has not. */
  | "privileged"
  /** Its seccomp filter may kill it for a call it does not expect. */
  | "seccomp"
  | "32-bit"
  /** A debugger or another tracer has it. */
  | "traced"
  /** The kernel's ptrace scope (Yama), a container, or a process that may not be dumped. */
  | "not-permitted"
  | "gone"
  /** No thread of it stops: all are in uninterruptible waits. */
  | "unresponsive"
  /** Signals kept coming first. */
  | "busy"
  /** Nothing is known of this machine. */
  | "machine"
  /** The process that makes the calls ended. */
  | "ended";

export const INJECTION_REFUSALS: readonly InjectionRefusal[] = [
  "other-user",
  "privileged",
  "seccomp",
  "32-bit",
  "traced",
  "not-permitted",
  "gone",
  "unresponsive",
  "busy",
  "machine",
  "ended",
];

export class InjectionRefused extends Error {
  override readonly name = "InjectionRefused";

  constructor(
    readonly refusal: InjectionRefusal,
    /** What was found: a thread, a state, an error's name. */
    readonly detail: string,
  ) {
    super(detail === "" ? refusal : `${refusal}: ${detail}`);
  }
}
