/** The report as one self-contained page: nothing is fetched, nothing but its own script runs. */
import type { MapModel } from "../core/report/map-model.js";
import { bytes, duration, grouped } from "../core/report/quantities.js";
import type { Completeness, Report } from "../core/report/report.js";
import type { SourceExcerpt } from "../core/report/source-excerpt.js";
import { embeddedJson, embeddedScript, integrity, markup, trusted, type Markup } from "./html/markup.js";
import { sourcesMarkup } from "./html/sources.js";
import { STYLE } from "./html/style.js";
import { tableSections } from "./html/tables.js";

/** The page's text. `script` is the bundled dist/report.js. */
export function htmlReport(data: {
  readonly report: Report;
  readonly map: MapModel;
  readonly sources: readonly SourceExcerpt[];
  readonly title: string;
  readonly script: string;
}): string {
  const { report, map, sources } = data;
  const script = embeddedScript(data.script);
  const policy = [
    "default-src 'none'",
    `style-src ${integrity(STYLE)}`,
    `script-src ${integrity(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const tables = tableSections(report);
  const links = [
    ...(sources.length > 0 ? [{ id: "source", title: "Source lines", count: undefined }] : []),
    ...(map.processes.length > 0 ? [{ id: "map", title: "Memory map", count: undefined }] : []),
    ...tables,
  ].map(({ id, title, count }) => markup`<a href="#${id}">${title}${countMarkup(count)}</a>`);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${data.title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header><p class="brand">${MARK}Faultline</p><h1>${report.command.length > 0 ? report.command.join(" ") : data.title}</h1>${figures(report)}</header>
<div class="bar">${statement(report)}<nav aria-label="Parts of the report">${links}</nav></div>
<main>
${notes(report.completeness)}
${sources.length > 0 ? markup`<section id="source"><h2>Source lines</h2>${sourcesMarkup(sources)}</section>` : undefined}
${map.processes.length > 0 ? markup`<section id="map"><h2>Memory map</h2><div id="map-here"><noscript><p>The map needs JavaScript; the tables below say the same.</p></noscript></div></section>` : undefined}
${report.faults.total === 0 ? markup`<p class="nothing">Nothing was recorded.</p>` : undefined}
${tables.map(({ id, title, count, body }) => markup`<section id="${id}"><h2>${title}${countMarkup(count)}</h2>${body}</section>`)}
</main>
<footer><p>Made by Faultline. The trace itself can be read by <code>perf script</code> as well.</p></footer>
<script type="application/json" id="map-data">${embeddedJson({ ...map, counted: report.counted })}</script>
<script>${trusted(script)}</script>
</body>
</html>
`;
  return page.html;
}

function countMarkup(count: number | undefined): Markup | undefined {
  return count === undefined ? undefined : markup` <span class="count">${grouped(count)}</span>`;
}

function figures({ faults, spanNs, pageSize, arch, counted, pages }: Report): Markup {
  const came = [
    { name: "pages came in", value: grouped(pages.length), tone: "" },
    { name: "of memory", value: bytes(pages.length * pageSize), tone: "" },
    { name: "minor faults, by its own counters", value: grouped(faults.minor), tone: "" },
    { name: "major faults, by its own counters", value: grouped(faults.major), tone: "" },
  ];
  const list =
    counted === "pages"
      ? came
      : [
          { name: faults.total === 1 ? "fault" : "faults", value: grouped(faults.total), tone: "" },
          { name: "minor", value: grouped(faults.minor), tone: "minor" },
          { name: "major", value: grouped(faults.major), tone: faults.major > 0 ? "major" : "" },
          ...(faults.timeNs > 0 ? [{ name: "spent on them", value: duration(faults.timeNs), tone: "" }] : []),
          ...(faults.kernel > 0 ? [{ name: "in system calls", value: grouped(faults.kernel), tone: "" }] : []),
          ...(faults.refused > 0 ? [{ name: "refused", value: grouped(faults.refused), tone: "bad" }] : []),
          ...(faults.lost > 0 ? [{ name: "records lost", value: grouped(faults.lost), tone: "bad" }] : []),
          ...(spanNs > 0 ? [{ name: "first to last", value: duration(spanNs), tone: "" }] : []),
          { name: "a page", value: bytes(pageSize), tone: "" },
          ...(arch === undefined ? [] : [{ name: "machine", value: arch, tone: "" }]),
        ];
  return markup`<dl class="figures">${list.map(({ name, value, tone }) => markup`<div class="${tone}"><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** One sentence that says how far the numbers can be trusted; it never scrolls away. */
function statement({ completeness, counted }: Report): Markup {
  const { complete, completed, lost, refused, rusage } = completeness;
  if (counted === "pages") {
    return markup`<p class="statement partly" role="status"><span class="sign" aria-hidden="true">!</span><strong>Pages, not faults:</strong> perf events were refused, so this is what came in, not who touched it, nor how often.</p>`;
  }
  const [tone, sign, verdict] =
    lost > 0
      ? ["bad", "!", `Incomplete: ${grouped(lost)} ${lost === 1 ? "record was" : "records were"} lost.`]
      : complete
        ? ["good", "✓", "Complete: no record was lost."]
        : ["partly", "!", "No record was lost, but not every fault could be seen."];
  const own =
    rusage === undefined
      ? ""
      : rusage.minor + rusage.major === completed
        ? `The process’s own counters say the same: ${grouped(completed)}.`
        : `Recorded ${grouped(completed)}; the process’s own counters say ${grouped(rusage.minor + rusage.major)}.`;
  const never = refused > 0 ? `${grouped(refused)} more never completed.` : "";
  return markup`<p class="statement ${tone}" role="status"><span class="sign" aria-hidden="true">${sign}</span><strong>${verdict}</strong> ${own} ${never}</p>`;
}

function notes(completeness: Completeness): Markup | undefined {
  if (completeness.notes.length === 0) return undefined;
  const list = completeness.notes.map(({ message }) => markup`<li>${message}</li>`);
  return markup`<aside class="limits"><h2>What this trace cannot say</h2><ul>${list}</ul></aside>`;
}

/** The fault line: a crack through two layers. */
const MARK = trusted(
  '<svg class="mark" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d="M1 8h6l4 6h8" fill="none" stroke="currentColor" stroke-width="2"/><path d="M1 13h3.5M14 8h5" fill="none" stroke="currentColor" stroke-width="2" opacity=".45"/><path class="crack" d="M12 1 8 9l4 3-4 7" fill="none" stroke-width="2"/></svg>',
);
