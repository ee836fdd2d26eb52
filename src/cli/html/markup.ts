/** HTML from hostile text: everything that was not written here is escaped, once, in this file. */
import { createHash } from "node:crypto";
import { printable } from "../../core/report/printable.js";

/** Markup that is safe to put into a page: only this module's functions make it. */
export interface Markup {
  readonly html: string;
}

type Part = string | number | Markup | readonly Markup[] | undefined;

/** A template whose holes are escaped unless they are markup themselves. */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { html: literals.reduce((text, literal, i) => text + partHtml(parts[i - 1]) + literal) };
}

/** Text of ours that is markup already: a style sheet or a script. */
export function trusted(html: string): Markup {
  return { html };
}

/** A value that scripts read with JSON.parse from a script element: no character of it can end the element. */
export function embeddedJson(value: unknown): Markup {
  const escapes: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };
  return { html: JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (sign) => escapes[sign] ?? unicode(sign)) };
}

/** A script's text as the content of a script element: "</script" and "<!--" would end it or change its meaning. */
export function embeddedScript(script: string): string {
  return script.replace(/<(?=\/script|!--)/gi, "\\x3c");
}

/** For a Content-Security-Policy: exactly this text may run. */
export function integrity(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function partHtml(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return escaped(part);
  return "html" in part ? part.html : part.map(({ html }) => html).join("");
}

/** Control, escape and direction characters are made visible; names of a megabyte are cut. */
function escaped(text: string): string {
  const signs: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return printable(text, LONGEST_TEXT).replace(/[&<>"']/g, (sign) => signs[sign] ?? "");
}

function unicode(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const LONGEST_TEXT = 2000;
