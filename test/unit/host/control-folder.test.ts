import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { newControlSocket, removeControlSocket } from "../../../src/host/control-folder.js";

let temporary: string;
let server: Server;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "fl-"));
  vi.stubEnv("TMPDIR", temporary);
  server = createServer();
});

afterEach(async () => {
  await new Promise((done) => server.close(done));
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

const TWO_HOURS_AGO = Date.now() / 1000 - 2 * 60 * 60;
const makeOld = (path: string) => utimesSync(dirname(path), TWO_HOURS_AGO, TWO_HOURS_AGO);

it("a socket has a folder of its own, which goes with it", async () => {
  const path = newControlSocket();
  await new Promise<void>((listening) => server.listen(path, listening));
  expect(existsSync(path)).toBe(true);
  removeControlSocket(path);
  expect(existsSync(dirname(path))).toBe(false);
});

it("a folder whose editor died long ago goes when the next one is made", () => {
  const abandoned = newControlSocket();
  makeOld(abandoned);
  newControlSocket();
  expect(existsSync(dirname(abandoned))).toBe(false);
});

it("one whose editor may still come, or still listens, stays, and its editor hears of nobody", async () => {
  const young = newControlSocket();
  const awaited = newControlSocket();
  let came = 0;
  server.on("connection", () => came++);
  await new Promise<void>((listening) => server.listen(awaited, listening));
  makeOld(awaited);
  newControlSocket();
  expect([young, awaited].map((path) => existsSync(dirname(path)))).toEqual([true, true]);
  expect(came).toBe(0);
});

it("what is no socket of ours stays: another name, another file, a folder with more in it", () => {
  const named = join(temporary, "faultline-control-abc123");
  mkdirSync(named);
  writeFileSync(join(named, "control"), "");
  mkdirSync(join(temporary, "faultline-control"));
  removeControlSocket(join(named, "control"));
  removeControlSocket(join(temporary, "faultline-control/control"));
  makeOld(join(named, "control"));
  makeOld(join(temporary, "faultline-control/control"));
  newControlSocket();
  expect(existsSync(join(named, "control"))).toBe(true);
  expect(existsSync(join(temporary, "faultline-control"))).toBe(true);
});
