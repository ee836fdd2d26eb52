/** The text views of a trace: annotated lines, or one table. */
import type { Findings } from "../core/attribution/findings.js";
import type { AnnotationOptions } from "../core/report/annotated-sources.js";
import { countedIn, faultCounts } from "../core/report/build-report.js";
import { completenessOf } from "../core/report/completeness.js";
import { lineRows } from "../core/report/line-rows.js";
import type { Style } from "../core/report/style.js";
import { objectRows, regionRows } from "../core/report/table-rows.js";
import { tableOf, type TableView } from "../core/report/table-views.js";
import { headline, textReport, type TextOptions } from "../core/report/text.js";
import type { Translate } from "../core/report/translate.js";
import { disassembler } from "../host/disassembly.js";
import type { ReportInput } from "../host/report-input.js";

export const VIEWS = ["line", "function", "object", "section", "region", "page", "thread"] as const;
export type View = (typeof VIEWS)[number];

export function isView(text: string): text is View {
  return VIEWS.some((view) => view === text);
}

export interface TextChoices {
  readonly style: Style;
  readonly width: number;
  readonly top: number;
  readonly translate: Translate;
  readonly instructions: boolean;
}

export function textOf(view: View, input: ReportInput, findings: Findings, choices: TextChoices): string {
  const { trace, mapSource } = input;
  const { translate } = choices;
  const counted = countedIn(trace);
  const options: TextOptions = { ...choices, ...annotations(input, choices.instructions), counted };
  const faults = faultCounts(trace, findings);
  const { time, length } = trace.faults;
  const summary = {
    command: trace.run?.command ?? trace.command,
    pageSize: trace.pageSize,
    counted,
    touchedPages: findings.pages.length,
    spanNs: length > 0 ? time[length - 1]! - time[0]! : 0,
    faults,
    completeness: completenessOf(trace, findings, faults, translate),
  };
  if (view === "line") {
    return textReport(
      {
        ...summary,
        lines: summary.counted === "pages" ? [] : lineRows(findings, mapSource, false),
        objects: objectRows(findings, mapSource, false),
        regions: regionRows(findings),
      },
      options,
    );
  }
  const table: TableView = view;
  return `${[...headline(summary, options), "", ...tableOf(table, trace, findings, mapSource, options)].join("\n")}\n`;
}

function annotations(
  { readSource, displayPath }: ReportInput,
  instructions: boolean,
): Pick<AnnotationOptions, "source" | "instructions" | "displayPath"> {
  const disassemble = disassembler();
  return {
    displayPath,
    source: (file) => readSource(file)?.split(/\r\n|\r|\n/),
    instructions: ({ image, addresses: [address] }) => {
      if (!instructions || image === undefined || address === undefined) return [];
      const text = disassemble(image, address);
      return text === undefined ? [] : [text];
    },
  };
}
