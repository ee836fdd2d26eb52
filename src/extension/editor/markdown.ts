/** Markdown from names that are hostile: nothing but what is written here becomes a link or markup. */
import { printable } from "../../core/report/printable.js";

/** The text as it is: every character that could begin markup, a link or HTML is escaped. */
export function plain(text: string, most = LONGEST_NAME): string {
  return printable(text, most).replace(PUNCTUATION, "\\$&");
}

/** @param title Markdown. @param argument becomes JSON in the link; nothing in it can end the link. */
export function commandLink(title: string, command: string, argument: unknown): string {
  const json = encodeURIComponent(JSON.stringify([argument])).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `[${title}](command:${command}?${json})`;
}

/** All that a backslash may stand before, which includes what begins automatic links: ":", "/", "." and "@". */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** A hover is read at a glance. */
const LONGEST_NAME = 120;
