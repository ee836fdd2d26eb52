/** Opens the file behind a mapping, once, and refuses it when it is not the file that was traced. */
import { statSync, type Stats } from "node:fs";
import type { ImageLookup, ImageResolver } from "../core/attribution/image-resolver.js";
import type { Image } from "../core/image/image.js";
import type { Mapping } from "../core/trace/trace.js";
import { openImageFile } from "./images.js";

export interface ResolverOptions {
  /** Milliseconds since 1970 when the trace ended: a file written later is not the one that ran. */
  readonly tracedAt: number | undefined;
}

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

function open(mapping: Mapping, { tracedAt }: ResolverOptions): ImageLookup {
  const path = mapping.name.replace(/ \(deleted\)$/, "");
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    return unavailable("file-missing", error instanceof Error && "code" in error ? String(error.code) : undefined);
  }
  const opened = openImageFile(path);
  if (!opened.ok) return unavailable("not-an-image", opened.reason);
  const difference = differenceOf(mapping, opened.image, stats, tracedAt);
  return difference === undefined ? { kind: "image", image: opened.image } : unavailable("file-changed", difference);
}

/** What shows that the file is another one than was mapped: the build id where both have one, else inode, else time. */
function differenceOf(mapping: Mapping, image: Image, stats: Stats, tracedAt: number | undefined): string | undefined {
  if (mapping.buildId !== undefined && image.buildId !== undefined) {
    return mapping.buildId === image.buildId ? undefined : `build id ${image.buildId} instead of ${mapping.buildId}`;
  }
  if (mapping.inode !== undefined && mapping.inode !== 0 && mapping.inode !== stats.ino) {
    return `inode ${stats.ino} instead of ${mapping.inode}`;
  }
  if (tracedAt !== undefined && stats.mtimeMs > tracedAt) return `written ${stats.mtime.toISOString()}`;
  return undefined;
}

function unavailable(
  reason: "file-changed" | "file-missing" | "not-an-image",
  detail: string | undefined,
): ImageLookup {
  return { kind: "unavailable", reason, detail };
}
