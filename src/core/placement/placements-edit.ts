/** The placements of faultline.json as changes of its text: everything else stays as people wrote it. */
import { elementsAt, isObjectText, objectAt, separatorOf, skipSpace, type TextEdit } from "../base/json-text.js";
import { objectOf, parsedJson } from "../base/json-fields.js";
import type { LockedSectionNames } from "./locked-sections.js";
import type { Placement } from "./placement.js";

/** undefined: the text is no JSON object, or its placements are no list; a person must put that right first. */
export function placementsAdded(
  text: string,
  placements: readonly Placement[],
  sections: LockedSectionNames,
): TextEdit | undefined {
  const entries = placements.map((placement) => entryOf(placement, sections));
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  if (text.trim() === "") {
    const list = entries.map((entry) => `${lineBreak}    ${entry}`).join(",");
    return {
      offset: 0,
      length: text.length,
      text: `{${lineBreak}  "placements": [${list}${lineBreak}  ]${lineBreak}}${lineBreak}`,
    };
  }
  if (!isObjectText(text)) return undefined;
  const root = objectAt(text, skipSpace(text, 0));
  const separator = separatorOf(text, root);
  const nested = separator.includes("\n") ? separator + indentStep(separator) : " ";
  const written = (): string => `[${entries.map((entry) => nested + entry).join(",")}${separator}]`;
  const member = root.members.findLast(({ key }) => key === "placements");
  if (member === undefined) {
    const last = root.members.at(-1);
    const added = `"placements": ${written()}`;
    if (last !== undefined) return { offset: last.end, length: 0, text: `,${separator}${added}` };
    return { offset: root.start + 1, length: root.close - root.start - 1, text: `${separator}${added}${lineBreak}` };
  }
  if (text[member.start] !== "[") return undefined;
  const elements = elementsAt(text, member.start);
  const last = elements.at(-1);
  if (last === undefined) return { offset: member.start, length: member.end - member.start, text: written() };
  const before = elements.length > 1 ? elements.at(-2)!.end : member.start + 1;
  const space = text.slice(before, last.start).replace(/^\s*,/, "");
  const between = space === "" ? " " : space;
  return { offset: last.end, length: 0, text: entries.map((entry) => `,${between}${entry}`).join("") };
}

/** Takes out the placements of these symbols; undefined: there are none. The list goes with its last one. */
export function placementsRemoved(text: string, symbols: ReadonlySet<string>): TextEdit | undefined {
  if (!isObjectText(text)) return undefined;
  const root = objectAt(text, skipSpace(text, 0));
  const at = root.members.findLastIndex(({ key }) => key === "placements");
  const member = root.members[at];
  if (member === undefined || text[member.start] !== "[") return undefined;
  const elements = elementsAt(text, member.start);
  const kept = elements.filter(({ start, end }) => {
    const symbol = objectOf(parsedJson(text.slice(start, end)))?.["symbol"];
    return typeof symbol !== "string" || !symbols.has(symbol);
  });
  if (kept.length === elements.length) return undefined;
  if (kept.length === 0) {
    const before = root.members[at - 1]?.end;
    if (before !== undefined) return { offset: before, length: member.end - before, text: "" };
    return { offset: member.start, length: member.end - member.start, text: "[]" };
  }
  const first = elements[0]!.start;
  const end = elements.at(-1)!.end;
  // Each keeps the white space that was before it.
  const list = kept.map((element, index) => {
    const before = elements[elements.indexOf(element) - 1]?.end;
    const space = before === undefined || index === 0 ? "" : text.slice(before, element.start);
    return space + text.slice(element.start, element.end);
  });
  return { offset: first, length: end - first, text: list.join("") };
}

function entryOf({ symbol, kind, section, by }: Placement, sections: LockedSectionNames): string {
  const members = [
    `"symbol": ${JSON.stringify(symbol)}`,
    `"kind": "${kind}"`,
    ...(section === sections[kind] ? [] : [`"section": ${JSON.stringify(section)}`]),
    ...(by === "source" ? [] : [`"by": "${by}"`]),
  ];
  return `{ ${members.join(", ")} }`;
}

/** @param separator a line break and the indentation of the root's members: theirs is one step. */
function indentStep(separator: string): string {
  return /[^\n]*$/.exec(separator)![0];
}
