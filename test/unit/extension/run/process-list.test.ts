import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { listProcesses, parseStat } from "../../../../src/extension/run/process-list.js";

it("lists what ps lists, without kernel threads, own ones first", async () => {
  const child = spawn("sleep", ["77.25"]);
  await once(child, "spawn");
  try {
    const uid = process.getuid?.() ?? 0;
    const processes = listProcesses(uid);
    const found = processes.find(({ pid }) => pid === child.pid);
    expect(found).toMatchObject({ name: "sleep", command: ["sleep", "77.25"], uid });
    expect(processes.some(({ pid }) => pid === process.pid)).toBe(false);
    const firstOther = processes.findIndex((one) => one.uid !== uid);
    const own = firstOther < 0 ? processes : processes.slice(0, firstOther);
    expect(own.every((one) => one.uid === uid)).toBe(true);
    expect(processes.slice(own.length).every((one) => one.uid !== uid)).toBe(true);
    const ps = spawnSync("ps", ["-o", "uid=", "-p", String(child.pid)], { encoding: "utf8" });
    expect(found?.uid).toBe(Number(ps.stdout));
  } finally {
    child.kill();
  }
});

it("the youngest of one's own comes before the older ones", async () => {
  const first = spawn("sleep", ["77"]);
  await once(first, "spawn");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const second = spawn("sleep", ["77"]);
  await once(second, "spawn");
  try {
    const pids = listProcesses(process.getuid?.() ?? 0).map(({ pid }) => pid);
    expect(pids.indexOf(second.pid!)).toBeLessThan(pids.indexOf(first.pid!));
  } finally {
    first.kill();
    second.kill();
  }
});

it("a name may hold spaces and parentheses", () => {
  const fields = Array.from({ length: 50 }, (_, index) => (index + 3 === 22 ? "4711" : "S"));
  expect(parseStat(`12 (a) b (c)) ${fields.join(" ")}`)).toEqual({ name: "a) b (c)", started: 4711 });
});
