/** A forecast of placements as text: each section, each placement, and what the kernel will say. */
import type { ForecastDifference, PlacedForecast, PlacementForecast, SectionForecast } from "../placement/forecast.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import { titled, type TableOptions } from "./text.js";
import type { Column } from "./text-table.js";

export function forecastText(path: string, forecast: PlacementForecast, options: TableOptions): string {
  const { translate, style } = options;
  const { sections, placements, lockedBytes, pageSize } = forecast;
  const head = translate(
    "{0} placements will lock {1} in {2} pages, before anything is built",
    grouped(placements.length),
    bytes(lockedBytes),
    grouped(lockedBytes / pageSize),
  );
  const parts = [
    [`${style.bold(printable(path))}`, head, ...answerLines(forecast, options)],
    titled(translate("By section"), sections, sectionColumns(options), { ...options, top: sections.length }),
    titled(translate("By placement"), placements, placementColumns(options), options),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** What was forecast of each section, and what it is; empty where nothing was. */
export function differencesText(
  differences: readonly ForecastDifference[],
  { translate, style }: Pick<TableOptions, "translate" | "style">,
): string {
  if (differences.length === 0) return "";
  const lines = differences.map(({ name, forecastPages, builtPages, forecastBytes, builtBytes }) => {
    const pages = translate("forecast {0} pages, is {1}", grouped(forecastPages), grouped(builtPages));
    const size = translate("forecast {0}, is {1}", bytes(forecastBytes), bytes(builtBytes));
    return `  ${printable(name)}: ${forecastPages === builtPages ? pages : style.bad(pages)}; ${size}`;
  });
  return `\n${[style.bold(translate("Against the forecast")), ...lines].join("\n")}\n`;
}

function answerLines({ answer }: PlacementForecast, { translate, style }: TableOptions): readonly string[] {
  if (answer === undefined) return [];
  if (answer.kind === "fits") {
    return answer.spareBytes === undefined
      ? []
      : [translate("It fits into RLIMIT_MEMLOCK, {0} are left.", bytes(answer.spareBytes))];
  }
  const refused =
    answer.errno === "EPERM"
      ? translate("RLIMIT_MEMLOCK is 0: mlock fails with EPERM. Raise it (ulimit -l, LimitMEMLOCK= of systemd).")
      : translate(
          "RLIMIT_MEMLOCK is {0}: mlock fails with ENOMEM, {1} are wanted. Raise it (ulimit -l, LimitMEMLOCK= of systemd).",
          bytes(answer.limitBytes),
          bytes(answer.wantedBytes),
        );
  return [style.bad(refused)];
}

function sectionColumns({ translate }: TableOptions): readonly Column<SectionForecast>[] {
  return [
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("size"), align: "right", text: (section) => bytes(section.bytes) },
    { title: translate("kind"), align: "left", text: ({ kind }) => kind },
    { title: translate("section"), align: "left", text: ({ name }) => printable(name) },
    {
      title: translate("rest of its pages"),
      align: "left",
      text: ({ alone, restBytes }) =>
        alone
          ? translate("{0} empty: it is aligned to pages", bytes(restBytes))
          : translate("up to {0} of neighbours, locked with it", bytes(restBytes)),
    },
  ];
}

function placementColumns({ translate, style }: TableOptions): readonly Column<PlacedForecast>[] {
  return [
    { title: translate("pages"), align: "right", text: ({ addedPages }) => `+${grouped(addedPages)}` },
    { title: translate("size"), align: "right", text: (placed) => bytes(placed.bytes) },
    { title: translate("name"), align: "left", text: ({ placement }) => printable(placement.symbol, 60) },
    { title: translate("section"), align: "left", text: ({ placement }) => printable(placement.section) },
    {
      title: "",
      align: "left",
      text: ({ symbols }) => (symbols.length === 0 ? style.bad(translate("not in the file")) : ""),
    },
  ];
}
