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
    symbols: image.symbols().map((symbol) => ({ ...symbol, section: image.sectionAt(symbol.address)?.name })),
    problems: image.problems,
  };
}
