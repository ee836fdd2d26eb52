/** The layout of an ELF file, from its image. */
import type { Image } from "../image/image.js";
import type { BinaryLayout } from "./binary-layout.js";

/** @param pageSize bytes in a page of the machine that looks. */
export function buildLayout(image: Image, pageSize: number): BinaryLayout {
  return {
    path: image.path,
    buildId: image.buildId,
    machine: image.machine,
    kind: image.kind,
    pageSize,
    segments: image.segments,
    sections: image.sections,
    // Field by field: a symbol demangles its name when it is asked, and what copies its own fields would lose it.
    symbols: image.symbols().map(({ name, displayName, kind, address, size }) => ({
      name,
      displayName,
      kind,
      address,
      size,
      section: image.sectionAt(address)?.name,
    })),
    problems: image.problems,
  };
}
