/** Writes a source mapping into faultline.json as the smallest change of its text: everything else stays as people wrote it. */
import type { TextEdit } from "../../core/base/text-edit.js";
import { isObjectText, objectAt, separatorOf, skipSpace, type JsonObjectText } from "../../core/base/json-text.js";

/** Undefined where the text is not a JSON object: that must be put right by a person first. */
export function sourceMapEdit(text: string, from: string, to: string): TextEdit | undefined {
  const entry = `${JSON.stringify(from)}: ${JSON.stringify(to)}`;
  if (text.trim() === "") {
    return { offset: 0, length: text.length, text: `{\n  "sourceMap": {\n    ${entry}\n  }\n}\n` };
  }
  if (!isObjectText(text)) return undefined;
  const root = objectAt(text, skipSpace(text, 0));
  const map = root.members.findLast(({ key }) => key === "sourceMap");
  if (map === undefined) return insertion(text, root, `"sourceMap": `, entry);
  if (text[map.start] !== "{") {
    return { offset: map.start, length: map.end - map.start, text: nested(entry, separatorOf(text, root)) };
  }
  const mappings = objectAt(text, map.start);
  const old = mappings.members.findLast(({ key }) => key === from);
  if (old !== undefined) return { offset: old.start, length: old.end - old.start, text: JSON.stringify(to) };
  if (mappings.members.length > 0) return insertion(text, mappings, "", entry);
  return { offset: map.start, length: map.end - map.start, text: nested(entry, separatorOf(text, root)) };
}

/** After the last member, set off as that one is; `name` is the key of an object that is new. */
function insertion(text: string, object: JsonObjectText, name: string, entry: string): TextEdit {
  const separator = separatorOf(text, object);
  const added = name === "" ? entry : name + nested(entry, separator);
  const last = object.members.at(-1);
  if (last !== undefined) return { offset: last.end, length: 0, text: `,${separator}${added}` };
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  return {
    offset: object.start + 1,
    length: object.close - object.start - 1,
    text: `${separator}${added}${lineEnd}`,
  };
}

function nested(entry: string, separator: string): string {
  if (!separator.includes("\n")) return `{ ${entry} }`;
  const indent = /[^\n]*$/.exec(separator)![0];
  const step = indent.startsWith("\t") ? "\t" : indent.length === 4 ? "    " : "  ";
  return `{${separator}${step}${entry}${separator}}`;
}
