import { execFileSync, spawn } from "node:child_process";
import { constants } from "node:os";
import { expect, it } from "vitest";
import type { RefusedCall } from "../../../src/core/trace/refusal.js";
import { surroundings, type Evidence } from "../../../src/recorder/container.js";
import { factsOf, type RefusalFacts } from "../../../src/recorder/refusal-facts.js";
import { RecorderRefusal, refusalOf } from "../../../src/recorder/refusal.js";

const E = constants.errno;

/** An ordinary user on Debian's vanilla kernel. */
const USER: RefusalFacts = {
  ...factsOf({ userOnly: true }, { container: undefined, unit: undefined, filtered: false }),
  uid: 1000,
  privileged: false,
  paranoid: 2,
};

it.each<[RefusedCall, number, Partial<RefusalFacts>, string]>([
  ["perf_event_open", E.EACCES, { userOnly: false }, "kernel-mode"],
  ["perf_event_open", E.EACCES, { userOnly: false, paranoid: 4 }, "kernel-mode"],
  ["perf_event_open", E.EACCES, { paranoid: 3 }, "paranoid"],
  ["perf_event_open", E.EACCES, { paranoid: 4 }, "paranoid"],
  ["perf_event_open", E.EACCES, { paranoid: 2 }, "security-module"],
  ["perf_event_open", E.EACCES, { paranoid: 2, filtered: true }, "seccomp"],
  ["attach", E.EACCES, { pid: 1, owner: "root" }, "other-user"],
  ["attach", E.EACCES, { pid: 1, owner: "root", paranoid: 4 }, "other-user"],
  ["perf_event_open", E.EPERM, { filtered: true }, "seccomp"],
  ["perf_event_open", E.EPERM, { privileged: true, uid: 0 }, "security-module"],
  ["perf_event_open", E.ENOSYS, { paranoid: undefined }, "no-perf-events"],
  ["perf_event_open", E.ENOSYS, { filtered: true }, "seccomp"],
  ["perf_event_open", E.ENODEV, { paranoid: undefined, container: "gvisor" }, "no-perf-events"],
  ["perf_event_open", E.ENOENT, {}, "no-such-event"],
  ["perf_event_open", E.EMFILE, {}, "too-many-files"],
  ["perf_event_open", E.ENFILE, {}, "too-many-files-in-system"],
  ["attach", E.ESRCH, { pid: 4 }, "gone"],
  ["mmap-ring", E.EPERM, { ringPages: 1024 }, "ring-budget"],
  ["mmap-ring", E.EPERM, { ringPages: 1024, filtered: true }, "ring-budget"],
  ["mmap-ring", E.ENOMEM, {}, "no-memory"],
  ["tracepoint", E.EPERM, {}, "tracepoint-privilege"],
  ["launch", E.ENOENT, {}, "program-not-found"],
  ["launch", E.EACCES, {}, "program-not-executable"],
  ["launch", E.ENOEXEC, {}, "program-malformed"],
  ["perf_event_open", E.EBUSY, {}, "unexpected"],
])("%s with errno %i and %o is %s", (call, errno, facts, code) => {
  expect(refusalOf(call, errno, { userOnly: true }, { ...USER, ...facts }).code).toBe(code);
});

it("the facts are this machine's", () => {
  const facts = factsOf({ userOnly: true, ringPages: 64, path: "x" });
  expect(facts.pageSize).toBe(Number(execFileSync("getconf", ["PAGESIZE"])));
  expect(facts.uid).toBe(process.geteuid?.());
  expect(String(facts.openFiles?.hard)).toBe(
    execFileSync("sh", ["-c", "ulimit -H -n"], { encoding: "utf8" }).trim().replace("unlimited", "Infinity"),
  );
  expect(facts).toMatchObject({ ringPages: 64, path: "x", pid: undefined, owner: undefined });
});

it("a process of somebody else is named with its owner", async () => {
  const other = spawn("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "60"]);
  try {
    await expect.poll(() => factsOf({ userOnly: true, pid: other.pid! }).owner).toBe("nobody");
    expect(factsOf({ userOnly: true, pid: process.pid }).owner).toBeUndefined();
  } finally {
    other.kill();
  }
});

it("an error carries its refusal, and says the call and the code to a log", () => {
  const refusal = refusalOf("attach", E.ESRCH, { userOnly: true, pid: 9 });
  expect(new RecorderRefusal(refusal)).toMatchObject({ message: "attach: ESRCH (gone)", refusal: { pid: 9 } });
});

const NOTHING: Evidence = { exists: () => false, read: () => "", environment: {} };
const FILTERED = "Name:\tnode\nSeccomp:\t2\nSeccomp_filters:\t1\n";

it.each<[string, Partial<Evidence>, string | undefined]>([
  ["no sign of any", {}, undefined],
  ["Docker's file", { exists: (path) => path === "/.dockerenv" }, "docker"],
  ["Podman's file", { exists: (path) => path === "/run/.containerenv" }, "podman"],
  ["Flatpak's file", { exists: (path) => path === "/.flatpak-info" }, "flatpak"],
  ["Kubernetes' variable", { environment: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } }, "kubernetes"],
  [
    "VS Code's variable, inside Docker",
    { exists: (path) => path === "/.dockerenv", environment: { REMOTE_CONTAINERS: "true" } },
    "devcontainer",
  ],
  ["a pod's group", { read: file("/proc/1/cgroup", "0::/kubepods/besteffort/pod1/abc\n") }, "kubernetes"],
  ["Docker's group", { read: file("/proc/1/cgroup", "12:pids:/docker/0123abcd\n") }, "docker"],
  ["LXC's name", { read: file("/run/systemd/container", "lxc-libvirt\n") }, "lxc"],
  ["nspawn's name", { read: file("/run/systemd/container", "systemd-nspawn\n") }, "systemd-nspawn"],
  ["a manager nobody knows", { read: file("/run/systemd/container", "rkt\n") }, "other"],
  [
    "gVisor's version",
    { read: file("/proc/version", "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n") },
    "gvisor",
  ],
  ["WSL 1's version", { read: file("/proc/version", "Linux version 4.4.0-19041-Microsoft (x)\n") }, "wsl1"],
  ["WSL 2's version", { read: file("/proc/version", "Linux version 5.15-microsoft-standard-WSL2\n") }, undefined],
])("%s tells the container", (_, evidence, kind) => {
  expect(surroundings({ ...NOTHING, ...evidence }).container).toBe(kind);
});

it("a service is what filters us only where a filter is in force", () => {
  const cgroup = "0::/system.slice/build-agent.service\n";
  const read = (status: string) => files({ "/proc/self/cgroup": cgroup, "/proc/self/status": status });
  expect(surroundings({ ...NOTHING, read: read(FILTERED) })).toEqual({
    container: "systemd-service",
    unit: "build-agent.service",
    filtered: true,
  });
  expect(surroundings({ ...NOTHING, read: read("Seccomp:\t0\n") }).container).toBeUndefined();
});

it("a user's session is no service", () => {
  const cgroup = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n";
  const read = files({ "/proc/self/cgroup": cgroup, "/proc/self/status": FILTERED });
  expect(surroundings({ ...NOTHING, read })).toEqual({ container: undefined, unit: undefined, filtered: true });
});

function file(path: string, text: string): Evidence["read"] {
  return files({ [path]: text });
}

function files(texts: Readonly<Record<string, string>>): Evidence["read"] {
  return (path) => texts[path] ?? "";
}
