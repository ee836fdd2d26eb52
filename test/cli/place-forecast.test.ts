/** `faultline place --forecast`: what placements will lock, and whether it fits. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PlacementForecast } from "../../src/core/placement/forecast.js";
import { AS_NOBODY, CampaignSession } from "../support/campaign-session.js";

const LONG = 60_000;
let session: CampaignSession;
let folder: string;

beforeAll(async () => {
  session = await CampaignSession.open();
  folder = session.example;
  const path = join(folder, "faultline.json");
  const project = JSON.parse(readFileSync(path, "utf8")) as object;
  const placements = [
    { symbol: "pointer_handle", kind: "text", section: "locked_text", by: "script" },
    { symbol: "history", kind: "bss", section: "locked_bss", by: "script" },
    { symbol: "misspelt", kind: "data", section: "locked_data", by: "source" },
  ];
  writeFileSync(path, JSON.stringify({ ...project, placements }));
}, LONG);

afterAll(() => {
  session.close();
});

function forecast(wrapper: readonly string[], ...options: string[]) {
  const argv = [...wrapper, process.execPath, session.faultline.cli, "place", "--forecast", ...options];
  return spawnSync(argv[0]!, argv.slice(1), { cwd: folder, encoding: "utf8" });
}

it("tells pages and bytes by section and placement, and what is not there", { timeout: LONG }, () => {
  const { status, stdout, stderr } = forecast([], "--json");
  expect(stderr).toBe("");
  const { sections, placements, lockedBytes, pageSize } = JSON.parse(stdout) as PlacementForecast;
  expect(status).toBe(0);
  const history = spawnSync("nm", ["-S", join(folder, "build/input-thread")], { encoding: "utf8" }).stdout;
  const size = parseInt(/^[0-9a-f]+ ([0-9a-f]+) [bB] history$/m.exec(history)![1]!, 16);
  expect(sections.find(({ name }) => name === "locked_bss")).toMatchObject({
    bytes: size,
    pages: Math.ceil(size / pageSize),
    alone: true,
  });
  expect(placements.map(({ symbols }) => symbols.length > 0)).toEqual([true, true, false]);
  expect(lockedBytes).toBe(sections.reduce((sum, { pages }) => sum + pages * pageSize, 0));
  const text = forecast([]);
  expect(text.stdout).toContain("3 placements will lock");
  expect(text.stdout).toMatch(/misspelt .*not in the file/);
});

it("exits 1 where the kernel would refuse, and says what to raise", { timeout: LONG }, () => {
  const { status, stdout } = forecast(["prlimit", "--memlock=4096:4096", ...AS_NOBODY]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/RLIMIT_MEMLOCK is 4 kB: mlock fails with ENOMEM, .* are wanted/);
});
