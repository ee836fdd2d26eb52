/** Source excerpts as markup: each line with what it cost, what it touched and where it was inlined. */
import { grouped } from "../../core/report/quantities.js";
import type { CallSiteRow, LineRow, TouchedObject } from "../../core/report/report.js";
import type { ExcerptLine, SourceExcerpt } from "../../core/report/source-excerpt.js";
import { costInWords, heatClass, sumOf } from "./costs.js";
import { highlight, type HighlightedLine } from "./highlight.js";
import { markup, type Markup } from "./markup.js";

/** The whole section. */
export function sourcesMarkup(sources: readonly SourceExcerpt[]): Markup {
  const most = Math.max(1, ...sources.flatMap(({ lines }) => lines.map(({ rows }) => sumOf(rows).faults)));
  const shown = sources.slice(0, MOST_FILES);
  return markup`${shown.map((source) => fileMarkup(source, most))}${
    sources.length > shown.length
      ? markup`<p class="more">${grouped(sources.length - shown.length)} more files took fewer faults: <code>faultline report --by line</code> lists them.</p>`
      : undefined
  }`;
}

/** A path with its folder told apart from its name. */
export function pathMarkup(path: string): Markup {
  const cut = path.lastIndexOf("/") + 1;
  return markup`<span class="path" title="${path}"><span class="folder">${path.slice(0, cut)}</span>${path.slice(cut)}</span>`;
}

function fileMarkup(source: SourceExcerpt, most: number): Markup {
  const missing = source.found
    ? undefined
    : markup`<p class="missing">Source not found: looked for <code>${source.lookedFor ?? source.file}</code>. If it is elsewhere on this machine, <code>sourceMap</code> in <code>faultline.json</code> says where.</p>`;
  const lines: Markup[] = [];
  let last = 0;
  let inComment = false;
  for (const line of source.lines) {
    if (line.number !== last + 1) {
      inComment = false;
      if (last > 0) lines.push(markup`<tr class="cut"><td>⋮</td><td></td><td></td></tr>`);
    }
    const code: HighlightedLine | undefined = line.text === undefined ? undefined : highlight(line.text, inComment);
    inComment = code?.inComment ?? false;
    lines.push(lineMarkup(line, code?.code, source.found, most));
    last = line.number;
  }
  return markup`<article class="file"><h3>${pathMarkup(source.file)}<span class="sum">${costInWords(source)}</span></h3>${missing}<div class="scroll"><table class="code"><tbody>${lines}</tbody></table></div></article>`;
}

function lineMarkup(line: ExcerptLine, code: Markup | undefined, found: boolean, most: number): Markup {
  const cost = sumOf(line.rows);
  const hot = cost.faults > 0;
  const heat = hot ? `hot ${heatClass(cost, most)}` : line.callSites.length > 0 ? "site" : "";
  const words = hot ? markup`<span class="cost">${costInWords(cost)}</span>` : undefined;
  const text =
    code ??
    markup`<span class="gone">${found ? "this line is not in the file: it was changed after the program was built" : (line.rows[0]?.function ?? line.callSites[0]?.function ?? "")}</span>`;
  const notes = [...inlineNotes(line.rows), ...siteNotes(line.callSites), ...chips(line.rows)];
  return markup`<tr class="${heat}"><td class="number">${line.number}</td><td class="gutter"></td><td><code>${text}</code>${words}</td></tr>${
    notes.length > 0
      ? markup`<tr class="notes ${heat}"><td></td><td class="gutter"></td><td>${notes}</td></tr>`
      : undefined
  }`;
}

/** Where the code of this line ended up, when it was inlined. */
function inlineNotes(rows: readonly LineRow[]): Markup[] {
  const chains = new Map<string, Markup>();
  for (const { function: own, inlinedInto } of rows) {
    if (inlinedInto.length === 0) continue;
    const hops = inlinedInto.slice(0, MOST_HOPS).map((hop) => {
      const place = hop.line > 0 ? `${hop.file.slice(hop.file.lastIndexOf("/") + 1)}:${hop.line}` : "";
      return markup` <span class="arrow">→</span> <span class="name" title="${hop.file}">${short(hop.function)}</span> <span class="place">${place}</span>`;
    });
    chains.set(
      JSON.stringify([own, inlinedInto]),
      markup`<div class="chain"><span class="name">${short(own)}</span> inlined${hops}</div>`,
    );
  }
  return [...chains.values()].slice(0, MOST_CHAINS);
}

function siteNotes(sites: readonly CallSiteRow[]): Markup[] {
  if (sites.length === 0) return [];
  const cost = sumOf(sites);
  return [
    markup`<div class="chain">${costInWords(cost)} in code that was inlined here${cost.faults > 0 ? ", counted at its own lines" : ""}</div>`,
  ];
}

/** What the line touched, most faults first, one chip each. */
function chips(rows: readonly LineRow[]): Markup[] {
  const objects = new Map<string, TouchedObject>();
  for (const object of rows.flatMap((row) => row.objects)) {
    const key = JSON.stringify([object.kind, object.name]);
    const known = objects.get(key);
    objects.set(key, known === undefined ? object : { ...known, faults: known.faults + object.faults });
  }
  const sorted = [...objects.values()].sort((a, b) => b.faults - a.faults);
  if (sorted.length === 0) return [];
  return [markup`<div class="chips">${chipsMarkup(sorted, MOST_CHIPS)}</div>`];
}

/** `most` chips, and how many there are beyond. */
export function chipsMarkup(objects: readonly TouchedObject[], most: number): Markup {
  const rest = objects.length - most;
  const list = objects.slice(0, most).map(({ name, kind, faults, declaration }) => {
    const declared = declaration === undefined ? "" : `, declared at ${declaration.file}:${declaration.line}`;
    return markup`<span class="chip" title="${kind}: ${name}${declared}"><span class="kind">${kind.replaceAll("-", " ")}</span><span class="what">${short(name)}</span><span class="times">${grouped(faults)}</span></span>`;
  });
  return markup`${list}${rest > 0 ? markup`<span class="rest">and ${grouped(rest)} more</span>` : undefined}`;
}

function short(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

const MOST_FILES = 60;
const MOST_HOPS = 6;
const MOST_CHAINS = 3;
const MOST_CHIPS = 10;
const LONGEST_NAME = 90;
