/** Why the kernel would not let us record: codes and numbers. core/report/refusals.ts makes the sentences. */

/** What was asked of the kernel when it refused. */
export type RefusedCall = "perf_event_open" | "mmap-ring" | "tracepoint" | "attach" | "launch";

export type RefusalCode =
  /** Faults inside system calls need privilege (perf_event_paranoid ≥ 2): record user mode only, and say so. */
  | "kernel-mode"
  /** A distribution's stricter perf_event_paranoid (3 on Debian, 4 on Ubuntu): nothing at all for users. */
  | "paranoid"
  /** The process belongs to somebody else. */
  | "other-user"
  /** The process is the user's own but runs a setuid, file-capability or unreadable program. */
  | "protected-process"
  /** A system-call filter refuses: a container's, a service's, a sandbox's. */
  | "seccomp"
  /** A security module (SELinux, AppArmor) refuses. */
  | "security-module"
  /** The kernel has no perf events: built without, or a sandbox that plays kernel (gVisor, WSL 1). */
  | "no-perf-events"
  /** The kernel has perf events, but not this one. */
  | "no-such-event"
  /** The process is gone. */
  | "gone"
  | "too-many-files"
  | "too-many-files-in-system"
  | "ring-budget"
  | "no-memory"
  | "tracefs-not-mounted"
  | "tracefs-unreadable"
  | "no-such-tracepoint"
  | "tracepoint-privilege"
  | "program-not-found"
  | "program-not-executable"
  | "program-malformed"
  /** Yama or a container keeps processes from being held at their end. */
  | "ptrace"
  | "unexpected";

export type ContainerKind =
  | "docker"
  | "podman"
  | "devcontainer"
  | "kubernetes"
  | "lxc"
  | "systemd-nspawn"
  | "systemd-service"
  | "flatpak"
  | "gvisor"
  | "wsl1"
  | "other";

export interface Refusal {
  readonly code: RefusalCode;
  readonly call: RefusedCall;
  /** Name of the error number: "EACCES". */
  readonly errno: string;
  /** Whether only user-mode faults were asked for. */
  readonly userOnly: boolean;
  /** The user who was refused. */
  readonly uid: number;
  /** Whether a capability that lifts perf's limits (CAP_PERFMON or CAP_SYS_ADMIN) was in effect. */
  readonly privileged: boolean;
  readonly paranoid: number | undefined;
  readonly container: ContainerKind | undefined;
  /** Name of the service, where the container is one of systemd's. */
  readonly unit: string | undefined;
  readonly pid: number | undefined;
  /** Owner of the process, by name where it has one. */
  readonly owner: string | undefined;
  /** Program or tracepoint the call was about. */
  readonly path: string | undefined;
  /** Data pages of the ring that was asked for, and bytes in a page. */
  readonly ringPages: number | undefined;
  readonly pageSize: number;
  /** kernel.perf_event_mlock_kb. */
  readonly mlockKb: number | undefined;
  /** Soft and hard limit of open files. */
  readonly openFiles: { readonly soft: number; readonly hard: number } | undefined;
  /** The command that was refused, as argv with absolute programs, so that a remedy can repeat it. */
  readonly invocation: readonly string[];
}
