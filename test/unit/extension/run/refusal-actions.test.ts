import { expect, it } from "vitest";
import { english } from "../../../../src/core/report/translate.js";
import type { Refusal } from "../../../../src/core/trace/refusal.js";
import { refusalActions } from "../../../../src/extension/run/refusal-actions.js";

const refusal: Refusal = {
  code: "paranoid",
  call: "perf_event_open",
  errno: "EACCES",
  userOnly: true,
  uid: 1000,
  privileged: false,
  paranoid: 4,
  container: undefined,
  unit: undefined,
  pid: undefined,
  owner: undefined,
  path: undefined,
  ringPages: undefined,
  pageSize: 4096,
  mlockKb: 516,
  openFiles: undefined,
  invocation: ["node", "cli.js", "record", "--", "app"],
};

function actions(changes: Partial<Refusal>): string[] {
  return refusalActions({ ...refusal, ...changes }, english).map(
    ({ kind, label, text }) => `${kind}: ${label}: ${text}`,
  );
}

it("where the setting refuses: elevated, until reboot, for good", () => {
  expect(actions({})).toEqual([
    "elevate: Run Elevated: ",
    "terminal: Lower the Setting Until Reboot: sudo sysctl kernel.perf_event_paranoid=2",
    expect.stringMatching(/^terminal: For Good: echo 'kernel.perf_event_paranoid = 2' \| sudo tee /) as string,
  ]);
});

it("in a dev container: the exact edit, and the host's command to copy", () => {
  const [first, ...others] = actions({ code: "seccomp", container: "devcontainer", uid: 0 });
  expect(first).toMatch(/^devcontainer: Open devcontainer.json: "runArgs": \[.*seccomp=unconfined/);
  expect(others.filter((one) => one.startsWith("terminal") || one.startsWith("elevate"))).toEqual([]);
  const paranoid = actions({ container: "devcontainer" });
  expect(paranoid[0]).toContain('"runArgs": ["--cap-add=PERFMON"]');
  expect(paranoid[1]).toMatch(/^copy: Copy the Host's Command: sudo sysctl/);
});

it("in another container: its options to copy", () => {
  expect(actions({ code: "seccomp", container: "podman" })).toEqual([
    expect.stringMatching(/^copy: Copy the Container's Options: podman run/) as string,
  ]);
});

it("where nothing in the editor helps there is no button", () => {
  expect(actions({ code: "program-not-found", call: "launch" })).toEqual([]);
  expect(actions({ code: "gone" })).toEqual([]);
});
