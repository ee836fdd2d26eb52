/** Sentences for the editor's notifications, which make links of `[title](command:…)`: names from files never become one. */
import { printable } from "./printable.js";

/** The sentence as it is, but for what could be a link, and cut to what a notification holds. */
export function messageText(sentence: string): string {
  // The editor's grammar of links wants the two brackets next to one another.
  return printable(sentence.replace(/\s*\n\s*/g, " "), LONGEST_SENTENCE).replaceAll("](", "] (");
}

/** A notification shows no more characters than these. */
const LONGEST_SENTENCE = 1000;
