/** What kind of memory a region is, for its colour. */
import type { MapRegion } from "../../src/core/report/map-model.js";
import type { PageKind } from "./theme.js";

export function pageKind(region: MapRegion | undefined): PageKind {
  switch (region?.kind) {
    case "image":
      if (region.permissions.includes("x")) return "code";
      return region.permissions.includes("w") ? "data" : "constants";
    case "heap":
      return "heap";
    case "main-stack":
    case "thread-stack":
      return "stack";
    case "tls":
      return "thread-local";
    case "vdso":
    case "vvar":
    case "kernel":
      return "kernel";
    default:
      return "other";
  }
}

export const KIND_LABELS: Readonly<Record<PageKind, string>> = {
  code: "code",
  constants: "constants",
  data: "data",
  heap: "heap",
  stack: "stack",
  "thread-local": "thread-local",
  other: "other memory",
  kernel: "from the kernel",
};

/** The last part of a path, for margins and lists. */
export function shortName(name: string): string {
  return name.startsWith("/") ? name.slice(name.lastIndexOf("/") + 1) : name;
}
