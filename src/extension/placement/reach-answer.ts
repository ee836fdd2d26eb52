/** What functions reach in their own file, as names that can be placed; in the analysis thread, which runs a disassembler. */
import type { Image } from "../../core/image/image.js";
import { kindOf } from "../../core/placement/locked-sections.js";
import { EVERY_CALL, reach } from "../../core/reach/reach.js";
import { rootsNamed } from "../../core/reach/roots.js";
import { sourceMapper } from "../../core/report/source-map.js";
import { pageSizeHere } from "../../host/page-size.js";
import { openReachFiles } from "../../host/reach-files.js";
import type { ReachedName, ReachOrder, ReachResult } from "./placement-order.js";
import { spelledNames, withoutFile } from "./wanted-names.js";

/** @param path of the image. */
export function reachAnswer(image: Image, path: string, { wanted, sourceMap }: ReachOrder): ReachResult {
  const files = openReachFiles(path);
  try {
    const names = spelledNames(image, wanted, sourceMap).map((name, index) => withoutFile(name, wanted[index]!));
    const found = names.map((name) => ({ name, roots: rootsNamed(files.file, name) }));
    const options = { depth: EVERY_CALL, candidates: false, lazyLibraries: files.bindsLazily() };
    const roots = found.flatMap((one) => one.roots);
    const { objects, unknown } = reach(files.file, roots, options);
    const here = sourceMapper(sourceMap);
    const reached = new Map<string, ReachedName>();
    for (const { kind, name, section, size, address } of objects) {
      const symbol = kind === "function" || kind === "variable" ? image.symbolAt(address) : undefined;
      const at = symbol === undefined ? undefined : image.declarationAt(symbol.address);
      const inSection = image.sectionAt(address);
      // What has no place in a source is the compiler's or the linker's own.
      if (symbol === undefined || at === undefined || at.line === 0 || inSection === undefined) continue;
      reached.set(`${symbol.address}`, {
        wanted: {
          name,
          kind: kind === "function" ? "function" : "variable",
          at: { file: here(at.file), line: at.line },
        },
        kind: kindOf(inSection),
        section,
        size,
      });
    }
    return {
      objects: [...reached.values()],
      missing: found.flatMap(({ name, roots: own }) => (own.length === 0 ? [name] : [])),
      unknownCalls: unknown.length,
      pageSize: pageSizeHere(),
    };
  } finally {
    files.close();
  }
}
