/** The trace that was asked about last, with what was made of it: a map after a report reads nothing twice. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { attribute } from "../../core/attribution/attribute.js";
import type { Findings } from "../../core/attribution/findings.js";
import { buildMap } from "../../core/report/build-map.js";
import { buildReport } from "../../core/report/build-report.js";
import type { MapModel } from "../../core/report/map-model.js";
import type { Report } from "../../core/report/report.js";
import type { Translate } from "../../core/report/translate.js";
import type { OpenedImage, RefusedImage } from "../../host/images.js";
import { findProject } from "../../host/project-file.js";
import { openReportInput, type ReportInput } from "../../host/report-input.js";
import { lookAhead } from "./look-ahead.js";
import { KeptImages } from "./kept-images.js";
import type { AnalysisPlace } from "./thread-messages.js";

interface Kept {
  /** Path, place and identity of the files, faultline.json with its source map among them: another key is another trace. */
  readonly key: string;
  readonly input: ReportInput;
  readonly findings: Findings;
  readonly report: Report;
  map: MapModel | undefined;
}

export class TraceCache {
  private kept: Kept | undefined;
  private readonly images = new KeptImages();

  constructor(private readonly translate: Translate) {}

  report(path: string, place: AnalysisPlace): Report {
    return this.open(path, place).report;
  }

  map(path: string, place: AnalysisPlace): MapModel {
    const kept = this.open(path, place);
    const { trace, resolve, mapSource } = kept.input;
    kept.map ??= { ...buildMap(trace, kept.findings, resolve, mapSource), counted: kept.report.counted };
    return kept.map;
  }

  /** A file that may be one of a trace's, and then is open already. */
  openImage(path: string): OpenedImage | RefusedImage {
    return this.images.open(path);
  }

  /** What the next trace, most likely of this program, will need. */
  prepare(program: string | undefined): void {
    lookAhead(this.images, program);
  }

  private open(path: string, place: AnalysisPlace): Kept {
    const files = [...FILES.map((file) => join(path, file)), findProject(place.here)?.path ?? ""];
    const key = JSON.stringify([path, place, ...files.map(identityOf)]);
    if (this.kept?.key === key) return this.kept;
    this.kept?.input.close();
    this.kept = undefined;
    const input = openReportInput({
      path,
      here: place.here,
      sourceRoots: [],
      otherSources: place.otherSources,
      openFile: (file) => this.images.open(file),
    });
    try {
      const findings = attribute(input.trace, input.resolve);
      const report = buildReport(input.trace, findings, { mapSource: input.mapSource, translate: this.translate });
      this.kept = { key, input, findings, report, map: undefined };
      return this.kept;
    } catch (error) {
      input.close();
      throw error;
    }
  }
}

/** "" is the path itself: a perf.data. */
const FILES = ["", "perf.data", "pages.json", "run.json"] as const;

function identityOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return ""; // Not every trace has all of them.
  }
}
