import { expect, it } from "vitest";
import { refusalSentence, refusalText, remedies } from "../../../../src/core/report/refusals.js";
import { english } from "../../../../src/core/report/translate.js";
import type { ContainerKind, Refusal, RefusalCode } from "../../../../src/core/trace/refusal.js";

const USER: Refusal = {
  code: "paranoid",
  call: "perf_event_open",
  errno: "EACCES",
  userOnly: true,
  uid: 1000,
  privileged: false,
  paranoid: 2,
  container: undefined,
  unit: undefined,
  pid: undefined,
  owner: undefined,
  path: undefined,
  ringPages: undefined,
  pageSize: 4096,
  mlockKb: 516,
  openFiles: { soft: 1024, hard: 1024 },
  invocation: ["faultline", "record", "--", "./my prog", "it's"],
};

const text = (facts: Partial<Refusal>): string => refusalText({ ...USER, ...facts }, english);

it("Ubuntu's and Debian's level names three ways, each to be pasted as it is", () => {
  expect(text({ paranoid: 4 })).toBe(`\
This system keeps perf events to root (kernel.perf_event_paranoid is 4): run the trace elevated, or lower the level to 2.
  For this trace only (the program itself still runs as you):
    sudo faultline record -- './my prog' 'it'\\''s'
  Until the machine restarts:
    sudo sysctl kernel.perf_event_paranoid=2
  For good:
    echo 'kernel.perf_event_paranoid = 2' | sudo tee /etc/sysctl.d/99-faultline.conf && sudo sysctl --system`);
});

it("the usual level is only told, with what would show the rest", () => {
  expect(text({ code: "kernel-mode", userOnly: false })).toBe(`\
Faults taken inside system calls are left out: kernel.perf_event_paranoid is 2 and this run is not elevated; one of these ways shows them too.
  For this trace only (the program itself still runs as you):
    sudo faultline record -- './my prog' 'it'\\''s'
  Until the machine restarts:
    sudo sysctl kernel.perf_event_paranoid=1
  For good:
    echo 'kernel.perf_event_paranoid = 1' | sudo tee /etc/sysctl.d/99-faultline.conf && sudo sysctl --system`);
});

it("in a container the level is the host's to change, and the container's option comes first", () => {
  expect(text({ paranoid: 4, container: "docker" })).toBe(`\
This machine keeps perf events to root (kernel.perf_event_paranoid is 4): start the container with the capability for them, or lower the level to 2 on the host.
  Start the container with:
    docker run --cap-add=PERFMON …
  On the host, until it restarts:
    sudo sysctl kernel.perf_event_paranoid=2
  On the host, for good:
    echo 'kernel.perf_event_paranoid = 2' | sudo tee /etc/sysctl.d/99-faultline.conf && sudo sysctl --system`);
});

it("somebody else's process needs an elevated trace; no setting helps", () => {
  expect(text({ code: "other-user", pid: 812, owner: "postgres", invocation: ["faultline", "record", "--pid", "812"] }))
    .toBe(`\
Process 812 belongs to postgres, and you may trace only your own: run the trace elevated.
  For this trace only (the program itself still runs as you):
    sudo faultline record --pid 812`);
});

it.each<[ContainerKind, Partial<Refusal>, string]>([
  [
    "docker",
    {},
    `\
The system-call filter of this Docker container refuses perf events: allow them where it is started.
  Start the container with (Docker 23 or newer; its filter stays on):
    docker run --cap-add=PERFMON …
  Start the container with:
    docker run --security-opt seccomp=unconfined …`,
  ],
  [
    "docker",
    { paranoid: 4, pid: 7 },
    `\
The system-call filter of this Docker container refuses perf events: allow them where it is started.
  Start the container with (Docker 23 or newer; its filter stays on):
    docker run --cap-add=PERFMON --cap-add=SYS_PTRACE …
  Start the container with:
    docker run --security-opt seccomp=unconfined --cap-add=PERFMON --cap-add=SYS_PTRACE …`,
  ],
  [
    "podman",
    {},
    `\
The system-call filter of this Podman container refuses perf events: allow them where it is started.
  Start the container with:
    podman run --security-opt seccomp=unconfined …`,
  ],
  [
    "devcontainer",
    { paranoid: 4 },
    `\
The system-call filter of this development container refuses perf events: allow them where it is started.
  In devcontainer.json, then rebuild the container:
    "runArgs": ["--security-opt=seccomp=unconfined", "--cap-add=PERFMON"]`,
  ],
  [
    "kubernetes",
    { pid: 7 },
    `\
The system-call filter of this Kubernetes pod refuses perf events: allow them where it is started.
  In the container's specification:
    securityContext: { seccompProfile: { type: Unconfined }, capabilities: { add: [SYS_PTRACE] } }`,
  ],
  [
    "lxc",
    {},
    `\
The system-call filter of this LXC container refuses perf events: allow them where it is started.
  On the host, in the container's configuration:
    lxc.seccomp.profile =
  On the host, with Incus or LXD (there: lxc config set):
    incus config set NAME raw.lxc 'lxc.seccomp.profile ='`,
  ],
  [
    "systemd-nspawn",
    {},
    `\
The system-call filter of this systemd-nspawn container refuses perf events: allow them where it is started.
  Start the container with:
    systemd-nspawn --system-call-filter=perf_event_open --capability=CAP_PERFMON …`,
  ],
  [
    "systemd-service",
    { unit: "build-agent.service" },
    `\
The system-call filter of the service build-agent.service refuses perf events: allow them where it is started.
  Until the machine restarts:
    sudo mkdir -p /run/systemd/system/build-agent.service.d && printf '[Service]\\nSystemCallFilter=perf_event_open\\n' | sudo tee /run/systemd/system/build-agent.service.d/perf.conf && sudo systemctl daemon-reload && sudo systemctl restart build-agent.service
  For good:
    sudo mkdir -p /etc/systemd/system/build-agent.service.d && printf '[Service]\\nSystemCallFilter=perf_event_open\\n' | sudo tee /etc/systemd/system/build-agent.service.d/perf.conf && sudo systemctl daemon-reload && sudo systemctl restart build-agent.service`,
  ],
  [
    "flatpak",
    { invocation: ["faultline", "record", "--", "./prog"] },
    `\
The system-call filter of this Flatpak sandbox refuses perf events: allow them where it is started.
  Outside the sandbox:
    flatpak-spawn --host faultline record -- ./prog`,
  ],
])("the filter of %s names its exact option", (container, facts, expected) => {
  expect(text({ code: "seccomp", errno: "EPERM", container, ...facts })).toBe(expected);
});

it("a ring over budget says which size fits and what the wished one takes", () => {
  expect(text({ code: "ring-budget", call: "mmap-ring", errno: "EPERM", ringPages: 1024 })).toBe(`\
Rings of 1024 pages do not fit into what you may lock for perf events (516 kB a processor): use smaller ones, or raise the limit.
  With a smaller ring: add --ring 128
  For this trace only (the program itself still runs as you):
    sudo faultline record -- './my prog' 'it'\\''s'
  Until the machine restarts:
    sudo sysctl kernel.perf_event_mlock_kb=4100
  For good:
    echo 'kernel.perf_event_mlock_kb = 4100' | sudo tee /etc/sysctl.d/99-faultline.conf && sudo sysctl --system`);
});

it("a ring that would fit alone blames what else is locked", () => {
  expect(
    text({ code: "ring-budget", call: "mmap-ring", errno: "EPERM", ringPages: 64 }).split("\n").slice(0, 2),
  ).toEqual([
    "What you may lock for perf events (516 kB a processor) is in use, so rings of 64 pages do not fit: end your other recordings, use smaller rings, or raise the limit.",
    "  With a smaller ring: add --ring 32",
  ]);
});

it("a ring's size follows the machine's pages", () => {
  const [smaller] = remedies({ ...USER, code: "ring-budget", ringPages: 64, pageSize: 65_536, mlockKb: 516 }, english);
  expect(smaller?.title).toBe("With a smaller ring: add --ring 4");
});

it("too few open files: without root where the hard limit allows it, with root where not", () => {
  const own = { code: "too-many-files", errno: "EMFILE", invocation: ["faultline", "record", "--pid", "9"] } as const;
  expect(text({ ...own, openFiles: { soft: 1024, hard: 1_048_576 } })).toBe(`\
The trace needs more open files than the 1024 allowed here, one for each event, thread and processor: raise the limit.
  For this trace only:
    prlimit --nofile=65536 faultline record --pid 9
  For good (from your next login on):
    echo '* - nofile 65536' | sudo tee /etc/security/limits.d/99-faultline.conf`);
  expect(text({ ...own, openFiles: { soft: 20_000, hard: 20_000 } })).toContain(
    "    sudo prlimit --nofile=80000:80000 faultline record --pid 9\n",
  );
});

it.each<[RefusalCode, Partial<Refusal>, string]>([
  [
    "protected-process",
    { pid: 99 },
    "Process 99 is yours, but runs a program with more rights than you have (setuid, file capabilities) or one you may not read: run the trace elevated.",
  ],
  [
    "security-module",
    {},
    "A security module of this system (SELinux, AppArmor, lockdown) refuses perf events to this program: find the denial in the kernel's log and allow it there.",
  ],
  [
    "seccomp",
    {},
    "A system-call filter (seccomp) that this shell was started under refuses perf events: trace from a shell outside of it, or have its owner allow perf_event_open.",
  ],
  [
    "no-perf-events",
    { errno: "ENOSYS" },
    "This kernel has no perf events (ENOSYS; it was built without CONFIG_PERF_EVENTS): trace on a kernel that has them.",
  ],
  [
    "no-perf-events",
    { container: "gvisor" },
    "The gVisor sandbox has no perf events: run the program in a container with the runc runtime.",
  ],
  ["no-perf-events", { container: "wsl1" }, "WSL 1 has no perf events: move this distribution to WSL 2."],
  [
    "no-such-event",
    { errno: "ENOENT" },
    "This kernel has perf events, but not the page-fault events (ENOENT): trace on a kernel that counts them, which `perf list sw` shows.",
  ],
  [
    "gone",
    { call: "attach", pid: 4711 },
    "There is no process 4711 any more: look its number up again (pgrep -a NAME), or catch its next start with --wait NAME.",
  ],
  ["gone", { call: "launch" }, "The program ended before the trace could start: start it again."],
  [
    "too-many-files-in-system",
    {},
    "All the files this system may have open are open (fs.file-max): close programs, or raise it.",
  ],
  [
    "no-memory",
    {},
    "The kernel has no memory left for the trace's buffers: free some, or use smaller ones (--ring 64).",
  ],
  [
    "tracefs-not-mounted",
    {},
    "--access needs the kernel's tracing file system, which is not mounted: mount it, or trace without --access.",
  ],
  [
    "tracefs-unreadable",
    {},
    "--access needs the kernel's tracepoints, which are root's: run the trace elevated, or without --access.",
  ],
  [
    "no-such-tracepoint",
    { path: "exceptions:page_fault_user" },
    "This kernel has no tracepoint exceptions:page_fault_user (x86 and RISC-V have them): trace without --access; reads and writes are then not told apart.",
  ],
  ["program-not-found", { path: "nosuch" }, "There is no program nosuch in PATH: give its path, such as ./nosuch."],
  [
    "program-not-found",
    { path: "./build/app" },
    "There is no program ./build/app: build it first, or correct the path.",
  ],
  [
    "program-not-executable",
    { path: "./app" },
    "./app may not be executed: name a program, or make this one executable (chmod +x).",
  ],
  ["program-not-executable", { path: "./src", errno: "EISDIR" }, "./src is a folder: name the program in it."],
  [
    "program-malformed",
    { path: "./app" },
    "./app is not a program this machine can run: build it for this architecture, or give a script a first line such as #!/bin/sh.",
  ],
  [
    "unexpected",
    { errno: "EBUSY" },
    "The kernel refused perf_event_open with EBUSY, for a reason Faultline does not know: try the trace elevated.",
  ],
])("%s is one sentence with its next step", (code, facts, expected) => {
  expect(refusalSentence({ ...USER, code, ...facts }, english)).toBe(expected);
});

it("tracepoints can be opened up until the next start", () => {
  expect(
    remedies({ ...USER, code: "tracefs-unreadable", call: "tracepoint" }, english).map(({ command }) => command),
  ).toEqual([
    "sudo faultline record -- './my prog' 'it'\\''s'",
    "sudo sysctl kernel.perf_event_paranoid=-1 && sudo chmod a+rx /sys/kernel/tracing /sys/kernel/tracing/events && sudo chmod -R a+rX /sys/kernel/tracing/events/exceptions /sys/kernel/tracing/events/header_*",
  ]);
});

it("every sentence goes through the catalogue, its placeholders filled", () => {
  const seen: string[] = [];
  const german = (message: string, ...args: (string | number)[]): string => {
    seen.push(message);
    return english(message.replace("This system keeps", "Dieses System behält"), ...args);
  };
  expect(refusalText({ ...USER, paranoid: 3 }, german)).toMatch(/^Dieses System behält .* is 3\)/);
  expect(seen).toContain("For good");
});

it("a placeholder without an argument stays to be seen", () => {
  expect(english("{0} of {1}", 3)).toBe("3 of {1}");
});
