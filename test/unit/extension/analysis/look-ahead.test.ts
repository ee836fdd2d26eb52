import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { KeptImages } from "../../../../src/extension/analysis/kept-images.js";
import { lookAhead } from "../../../../src/extension/analysis/look-ahead.js";
import type { OpenedImage, RefusedImage } from "../../../../src/host/images.js";
import { compileSupport } from "../../../support/faultline.js";

it("opens the program and the C library that processes here have, and leaves them to the next trace", () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-ahead-"));
  try {
    const program = compileSupport("threads", folder);
    const images = new Watched();
    lookAhead(images, program);
    const ahead = new Map(images.opened);
    expect(ahead.get(program)?.ok).toBe(true);
    const libraries = [...ahead.keys()].filter((path) => readFileSync("/proc/self/maps", "utf8").includes(path));
    expect(libraries.some((path) => /\/(libc|ld)[^/]*\.so/.test(path))).toBe(true);
    for (const [path, before] of ahead) {
      const now = images.open(path);
      expect(now.ok && before.ok && now.image === before.image, path).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

class Watched extends KeptImages {
  readonly opened = new Map<string, OpenedImage | RefusedImage>();

  override open(path: string): OpenedImage | RefusedImage {
    const opened = super.open(path);
    this.opened.set(path, opened);
    return opened;
  }
}
