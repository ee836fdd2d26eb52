/** Opens the file behind a mapping, once, and refuses it when it is not the file that was traced. */
import type { UnavailableImage } from "../core/attribution/findings.js";
import type { ImageLookup, ImageResolver } from "../core/attribution/image-resolver.js";
import type { Image } from "../core/image/image.js";
import type { Mapping } from "../core/trace/trace.js";
import type { FileIdentity } from "./file-source.js";
import { openImageFile, type OpenedImage, type RefusedImage } from "./images.js";

export interface ResolverOptions {
  /** Milliseconds since 1970 when the trace ended: a file written later is not the one that ran. */
  readonly tracedAt: number | undefined;
  /** Copy of the kernel's vdso that the trace keeps, where it does. */
  readonly vdso: string | undefined;
  /** Told how to close each file that stays open. */
  readonly onOpen?: (close: () => void) => void;
  /** Opens the file behind a mapping: `openImageFile`, or something that keeps what it opened. */
  readonly openFile?: OpenFile | undefined;
}

export type OpenFile = (path: string) => OpenedImage | RefusedImage;

export function imageResolver(options: ResolverOptions): ImageResolver {
  const known = new Map<string, ImageLookup>();
  return (mapping) => {
    const key = `${mapping.name}\0${mapping.buildId ?? ""}\0${mapping.inode ?? ""}`;
    let lookup = known.get(key);
    if (lookup === undefined) {
      lookup = open(mapping, options);
      known.set(key, lookup);
    }
    return lookup;
  };
}

function open(mapping: Mapping, { tracedAt, vdso, onOpen, openFile = openImageFile }: ResolverOptions): ImageLookup {
  if (mapping.name === "[vdso]") {
    const copy = vdso === undefined ? undefined : openImageFile(vdso);
    if (copy?.ok !== true) return unavailable("file-missing", undefined);
    onOpen?.(copy.close);
    return { kind: "image", image: copy.image };
  }
  const opened = openFile(mapping.name.replace(/ \(deleted\)$/, ""));
  if (!opened.ok) {
    switch (opened.reason) {
      case "missing":
        return unavailable("file-missing", undefined);
      case "not-permitted":
        return unavailable("file-missing", "not permitted");
      case "not-a-file":
      case "not-elf":
      case "unreadable":
        // A build id came from an ELF file.
        if (mapping.buildId !== undefined) return unavailable("file-changed", "no ELF file any more");
        return unavailable("not-an-image", opened.message);
    }
  }
  const difference = differenceOf(mapping, opened.image, opened.identity, tracedAt);
  if (difference === undefined) {
    onOpen?.(opened.close);
    return { kind: "image", image: opened.image };
  }
  opened.close();
  return unavailable("file-changed", difference);
}

/** What shows that the file is another one than was mapped: the build id where both have one, else inode, else time. */
function differenceOf(
  mapping: Mapping,
  image: Image,
  { inode, modified }: FileIdentity,
  tracedAt: number | undefined,
): string | undefined {
  if (mapping.buildId !== undefined && image.buildId !== undefined) {
    return mapping.buildId === image.buildId ? undefined : `build id ${image.buildId} instead of ${mapping.buildId}`;
  }
  if (mapping.inode !== undefined && mapping.inode !== 0 && mapping.inode !== inode) {
    return `inode ${inode} instead of ${mapping.inode}`;
  }
  if (tracedAt !== undefined && modified > tracedAt) return `written ${new Date(modified).toISOString()}`;
  return undefined;
}

function unavailable(reason: UnavailableImage["reason"], detail: string | undefined): ImageLookup {
  return { kind: "unavailable", reason, detail };
}
