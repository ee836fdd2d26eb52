/** Command lines taken apart: each mistake is one sentence that names the option and where the help is. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { printable } from "../core/report/printable.js";
import { UserError } from "../host/user-error.js";
import { firstLine } from "./say.js";

/** As parseArgs does it. Throws UserError. */
export function parsedArgs<Config extends ParseArgsConfig>(command: string, config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UserError(`${firstLine(error)} (faultline ${command} --help)`);
  }
}

export type OptionKinds = Readonly<
  Record<string, { readonly type: "string" | "boolean"; readonly short?: string; readonly multiple?: boolean }>
>;

/**
 * Where a program may be named, options end with it: what follows is the program's own. It begins after "--", or at the
 * first word that is neither an option nor an option's value.
 */
export function splitProgram(args: readonly string[], options: OptionKinds): { own: string[]; argv: string[] } {
  const takesNext = (word: string): boolean =>
    Object.entries(options).some(
      ([name, { type, short }]) =>
        type === "string" && (word === `--${name}` || (short !== undefined && word === `-${short}`)),
    );
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === "--") return { own: args.slice(0, at), argv: args.slice(at + 1) };
    if (!word.startsWith("-") || word === "-") return { own: args.slice(0, at), argv: args.slice(at) };
    if (takesNext(word)) at++;
  }
  return { own: [...args], argv: [] };
}

/** From 1 on, to `most` where there is one. Throws UserError. */
export function wholeNumber(option: string, text: string, most?: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= 1 && value <= (most ?? Infinity)) return value;
  const wanted = most === undefined ? "a whole number from 1" : `a whole number from 1 to ${most}`;
  throw new UserError(`${option} takes ${wanted}; not "${printable(text)}".`);
}

/** Pages of a ring buffer. Throws UserError. */
export function ringPages(text: string): number {
  const value = wholeNumber("--ring", text, MAX_RING_PAGES);
  if ((value & (value - 1)) === 0) return value;
  throw new UserError(`--ring takes a power of two; not ${value}.`);
}

/** @param least 0 where none at all is a span, too; otherwise more than that. Throws UserError. */
export function seconds(option: string, text: string, least: "zero" | "more"): number {
  const value = Number(text);
  const enough = least === "zero" ? value >= 0 : value > 0;
  if (/^\d*\.?\d+$/.test(text) && enough && value <= MAX_SECONDS) return value;
  throw new UserError(`${option} takes a number of seconds; not "${printable(text)}".`);
}

const MAX_RING_PAGES = 2 ** 20;
/** In milliseconds, what a timer can be set to (2^31). */
const MAX_SECONDS = 2_000_000;
