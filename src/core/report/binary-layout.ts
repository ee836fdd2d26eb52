/** What "Show Binary Layout" is drawn from: segments, sections and symbols of an ELF file, by page. JSON-safe. */
import type { ImageSection, ImageSegment, ImageSymbol } from "../image/image.js";

export interface BinaryLayout {
  readonly path: string;
  readonly buildId: string | undefined;
  readonly machine: string;
  readonly kind: string;
  /** Bytes in a page of the machine that looks; the file itself only knows alignments. */
  readonly pageSize: number;
  readonly segments: readonly ImageSegment[];
  readonly sections: readonly ImageSection[];
  /** Functions and objects by address. */
  readonly symbols: readonly (ImageSymbol & { readonly section: string | undefined })[];
  readonly problems: readonly string[];
}
