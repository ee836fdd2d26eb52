/** A list of a JSON text that people wrote gets elements and loses some: everything else stays as it is. */
import type { TextEdit } from "./text-edit.js";
import { elementsAt, isObjectText, objectAt, separatorOf, skipSpace } from "./json-text.js";

/**
 * @param elements JSON texts, one or more.
 * @returns undefined: the text is no JSON object, or what has the name is no list; a person must put that right first.
 */
export function elementsAdded(text: string, name: string, elements: readonly string[]): TextEdit | undefined {
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  const key = JSON.stringify(name);
  if (text.trim() === "") {
    const list = elements.map((element) => `${lineBreak}    ${element}`).join(",");
    return {
      offset: 0,
      length: text.length,
      text: `{${lineBreak}  ${key}: [${list}${lineBreak}  ]${lineBreak}}${lineBreak}`,
    };
  }
  if (!isObjectText(text)) return undefined;
  const root = objectAt(text, skipSpace(text, 0));
  const separator = separatorOf(text, root);
  const nested = separator.includes("\n") ? separator + indentStep(separator) : " ";
  const written = (): string => `[${elements.map((element) => nested + element).join(",")}${separator}]`;
  const member = root.members.findLast((one) => one.key === name);
  if (member === undefined) {
    const last = root.members.at(-1);
    const added = `${key}: ${written()}`;
    if (last !== undefined) return { offset: last.end, length: 0, text: `,${separator}${added}` };
    return { offset: root.start + 1, length: root.close - root.start - 1, text: `${separator}${added}${lineBreak}` };
  }
  if (text[member.start] !== "[") return undefined;
  const known = elementsAt(text, member.start);
  const last = known.at(-1);
  if (last === undefined) return { offset: member.start, length: member.end - member.start, text: written() };
  const before = known.length > 1 ? known.at(-2)!.end : member.start + 1;
  const space = text.slice(before, last.start).replace(/^\s*,/, "");
  const between = space === "" ? " " : space;
  return { offset: last.end, length: 0, text: elements.map((element) => `,${between}${element}`).join("") };
}

/** @returns undefined: there is none of these elements. The list goes with its last one. */
export function elementsRemoved(
  text: string,
  name: string,
  isRemoved: (element: string) => boolean,
): TextEdit | undefined {
  if (!isObjectText(text)) return undefined;
  const root = objectAt(text, skipSpace(text, 0));
  const at = root.members.findLastIndex(({ key }) => key === name);
  const member = root.members[at];
  if (member === undefined || text[member.start] !== "[") return undefined;
  const elements = elementsAt(text, member.start);
  const kept = elements.filter(({ start, end }) => !isRemoved(text.slice(start, end)));
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

/** @param separator a line break and the indentation of the root's members: theirs is one step. */
function indentStep(separator: string): string {
  return /[^\n]*$/.exec(separator)![0];
}
