import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptImages } from "../../../../src/extension/analysis/kept-images.js";
import { compileSupport } from "../../../support/faultline.js";

let folder: string;
let program: string;
let images: KeptImages;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-kept-"));
  program = compileSupport("threads", folder);
  images = new KeptImages();
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function opened(path: string) {
  const image = images.open(path);
  if (!image.ok) throw new Error(image.message);
  return image;
}

/** Files of the folder that this process holds open, deleted ones too. */
function openFiles(): number {
  const targets = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ""; // The descriptor of the listing itself.
    }
  });
  return targets.filter((target) => target.startsWith(folder)).length;
}

describe("images from one trace to the next", () => {
  it("are not opened anew", () => {
    const first = opened(program);
    first.close();
    const second = opened(program);
    expect(second.image).toBe(first.image);
    expect(second.image.buildId).toMatch(/^[0-9a-f]+$/);
    expect(openFiles()).toBe(1);
  });

  it("are opened anew when the program was built again, and the old one is closed with its last user", () => {
    const old = opened(program);
    rmSync(program);
    copyFileSync("/bin/true", program);
    const next = opened(program);
    expect(next.image).not.toBe(old.image);
    expect(openFiles()).toBe(2);
    old.close();
    old.close();
    expect(openFiles()).toBe(1);
    expect(opened(program).image).toBe(next.image);
  });

  it("are opened anew when debug information has come beside them", () => {
    const stripped = join(folder, "stripped");
    // binutils' own: --strip-debug keeps the symbols, --add-gnu-debuglink names the file that is not there any more.
    const debug = join(folder, "stripped.debug");
    execFileSync("objcopy", ["--only-keep-debug", program, debug]);
    execFileSync("objcopy", ["--strip-all", `--add-gnu-debuglink=${debug}`, program, stripped]);
    rmSync(debug);
    const poor = opened(stripped);
    poor.close();
    expect(opened(stripped).image).toBe(poor.image);
    execFileSync("objcopy", ["--only-keep-debug", program, debug]);
    expect(opened(stripped).image).not.toBe(poor.image);
  });

  it("that nobody asks any more are closed, the oldest first", () => {
    const used = opened(program);
    const paths = Array.from({ length: 20 }, (_, index) => join(folder, `copy-${index}`));
    for (const path of paths) {
      copyFileSync("/bin/true", path);
      opened(path).close();
    }
    expect(openFiles()).toBe(12);
    expect(used.image.symbols().length).toBeGreaterThan(0);
    expect(opened(program).image).toBe(used.image);
  });

  it("a file that is no image is refused each time, and not held", () => {
    const text = join(folder, "text");
    writeFileSync(text, "no ELF file");
    expect(images.open(text).ok).toBe(false);
    expect(images.open(text).ok).toBe(false);
    expect(openFiles()).toBe(0);
  });
});
