import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attribute } from "../../../../src/core/attribution/attribute.js";
import type { Findings } from "../../../../src/core/attribution/findings.js";
import type { Image } from "../../../../src/core/image/image.js";
import { rehearsedTrace } from "../../../../src/extension/analysis/rehearsal.js";
import { openImageFile, type OpenedImage } from "../../../../src/host/images.js";
import { compileSupport } from "../../../support/faultline.js";

let folder: string;
let program: string;
let opened: OpenedImage;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-rehearsal-"));
  program = compileSupport("threads", folder);
  opened = openedOf(program);
});

afterAll(() => {
  opened.close();
  rmSync(folder, { recursive: true, force: true });
});

function openedOf(path: string): OpenedImage {
  const image = openImageFile(path);
  if (!image.ok) throw new Error(image.message);
  return image;
}

function rehearsed(image: Image, pageSize = 4096): Findings {
  return attribute(rehearsedTrace(image, pageSize), () => ({ kind: "image", image }));
}

it("a small program is asked for each of its functions, at the addresses nm prints", () => {
  const asked = rehearsed(opened.image).sites.flatMap(({ frames }) => frames.map((frame) => frame.function));
  const functions = execFileSync("nm", ["-S", "--defined-only", program], { encoding: "utf8" }).matchAll(
    /^[0-9a-f]+ [0-9a-f]+ [tTwW] (\S+)$/gm,
  );
  const names = [...functions].map(([, name]) => name!);
  expect(names).toContain("main");
  expect(asked).toEqual(expect.arrayContaining(names));
});

it.each([4096, 16_384, 65_536])(
  "each section that is in the file is asked about, with pages of %i bytes",
  (pageSize) => {
    const { regions } = rehearsed(opened.image, pageSize);
    const sections = execFileSync("readelf", ["-SW", program], { encoding: "utf8" }).matchAll(
      /^ {2}\[ *\d+\] (\.\S+) +(\S+) +\S+ \S+ (\S+) \S+ +(W?A\S*) /gm,
    );
    const allocated = [...sections].filter(([, , type, size]) => type !== "NOBITS" && parseInt(size!, 16) > 0);
    expect(allocated.length).toBeGreaterThan(10);
    expect(regions.map(({ section }) => section)).toEqual(
      expect.arrayContaining(allocated.map(([, name]) => name).filter((name) => name !== ".tdata")),
    );
    expect(regions.every(({ kind, name }) => kind === "image" && name === program)).toBe(true);
  },
);

it("a library is asked for some of its functions only", () => {
  const library = execFileSync("gcc", ["-print-file-name=libc.so.6"], { encoding: "utf8" }).trim();
  const libc = openedOf(library);
  const { sites } = rehearsed(libc.image);
  expect(sites.length).toBeGreaterThan(3);
  expect(sites.length).toBeLessThan(100);
  libc.close();
});

it("a stripped file is asked for what its sections hold", () => {
  const stripped = join(folder, "stripped");
  execFileSync("strip", ["-s", "-o", stripped, program]);
  const bare = openedOf(stripped);
  expect(rehearsed(bare.image).regions.map(({ section }) => section)).toContain(".rodata");
  bare.close();
});
