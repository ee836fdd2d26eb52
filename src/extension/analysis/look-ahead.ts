/** Looks at the files of a process that is about to be traced: what is read of them now need not be read after its end. */
import { readFileSync } from "node:fs";
import { attribute } from "../../core/attribution/attribute.js";
import { attempt } from "../../core/base/errors.js";
import { buildReport } from "../../core/report/build-report.js";
import { english } from "../../core/report/translate.js";
import { pageSizeHere } from "../../host/page-size.js";
import type { KeptImages } from "./kept-images.js";
import { rehearsedTrace } from "./rehearsal.js";

/**
 * @param program path of its ELF file, where it is known. Its C library is most likely the one that we run with: the
 *   longest to read, where its debug information is installed.
 */
export function lookAhead(images: KeptImages, program: string | undefined): void {
  for (const path of [...(program === undefined ? [] : [program]), ...ownLibraries()]) {
    const opened = images.open(path);
    if (!opened.ok) continue; // A script, or a file of elsewhere: then there is nothing to know ahead.
    const { image } = opened;
    // Whoever asks for its trace is told what is wrong with the file.
    attempt(() => {
      const trace = rehearsedTrace(image, pageSizeHere());
      const findings = attribute(trace, () => ({ kind: "image", image }));
      buildReport(trace, findings, { mapSource: (file) => file, translate: english });
    });
    opened.close();
  }
}

function ownLibraries(): readonly string[] {
  const paths = readFileSync("/proc/self/maps", "utf8").match(
    /\/\S*\/(?:libc|libm|ld-linux|ld-musl)(?=[-.])[^/\s]*\.so[^/\s]*$/gm,
  );
  return [...new Set(paths)];
}
