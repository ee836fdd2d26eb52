/** Where placed symbols are in a linked file, by readelf alone, and whether a verdict of `faultline place --verify` says the same. */
import { execFileSync } from "node:child_process";
import type { Placement } from "../../src/core/placement/placement.js";
import type { Verification } from "../../src/core/placement/verify.js";

export interface LinkedSymbol {
  /** As in the symbol table. */
  readonly name: string;
  readonly readable: string;
  readonly address: number;
  readonly size: number;
  readonly section: string;
  /** FUNC, OBJECT, IFUNC, … */
  readonly type: string;
}

/** Functions, objects and bounds of a file: its symbol table, the dynamic one where that was stripped. */
export function linkedSymbols(file: string): readonly LinkedSymbol[] {
  const sections = new Map(
    [...readelf(file, "-SW").matchAll(/^ +\[ *(\d+)\] (\S*)/gm)].map(([, index = "", name = ""]) => [index, name]),
  );
  const [mangled, readable] = [readelf(file, "-sW"), readelf(file, "-sWC")].map(lastTable);
  return mangled!.flatMap((row, at): LinkedSymbol[] => {
    const [, value = "", size = "", type = "", , , index = "", name = ""] = row;
    if (index === "UND" || index === "ABS" || !/FUNC|OBJECT|TLS|NOTYPE/.test(type)) return [];
    const section = sections.get(index) ?? "";
    const plain = name.replace(/@.*/, "");
    return [
      { name: plain, readable: readable![at]![7]!, address: parseInt(value, 16), size: Number(size), section, type },
    ];
  });
}

/** The symbols of a placement, with the parts and copies that a compiler made of it. */
export function symbolsOf(symbols: readonly LinkedSymbol[], wanted: string): readonly LinkedSymbol[] {
  return symbols.filter(({ name, readable }) => {
    if (name === wanted || CLONE.exec(name)?.[1] === wanted) return true;
    // A variable of a function goes by its name alone.
    if (name.startsWith("_ZZ") && readable.endsWith(`)::${wanted}`)) return true;
    const whole = readable.replace(/ \[clone .*$/, "").replace(/::h[0-9a-f]{16}$/, "");
    if (whole === wanted || (/\)(?: const)?$/.test(whole) && whole.startsWith(`${wanted}(`))) return true;
    // An instance of a template stands behind its result, with its arguments.
    return (whole.startsWith(`${wanted}<`) || whole.includes(` ${wanted}<`)) && /\)(?: const)?$/.test(whole);
  });
}

/** Whether all of it is in the section, and between the bounds that the linker or a script gave it. */
export function isPlaced(symbols: readonly LinkedSymbol[], { symbol, section }: Placement): boolean {
  const own = symbolsOf(symbols, symbol);
  const bound = (...names: readonly string[]) => symbols.find(({ name }) => names.includes(name))?.address;
  const plain = section.replace(/^\./, "");
  const start = bound(`__start_${plain}`, `__${plain}_start`) ?? 0;
  const stop = bound(`__stop_${plain}`, `__${plain}_end`, `__${plain}_stop`) ?? Infinity;
  return (
    own.length > 0 &&
    own.every(
      (one) =>
        one.type !== "IFUNC" && // What runs is somewhere else.
        (one.section === section || one.section === `.${section}`) &&
        start <= one.address &&
        one.address + one.size <= stop,
    )
  );
}

/** What a verdict says otherwise than readelf; empty: nothing. `compiled`: the symbols of the object files, where there are any. */
export function disagreements(
  file: string,
  verdicts: readonly Verification[],
  compiled: readonly LinkedSymbol[] | undefined,
): readonly string[] {
  const symbols = linkedSymbols(file);
  const isCompiled = ({ symbol }: Placement): boolean => symbolsOf(compiled ?? [], symbol).length > 0;
  return verdicts.flatMap(({ placement, mismatches }) => {
    const says = `${placement.symbol}: ${mismatches.map((one) => JSON.stringify(one)).join() || "verified"}`;
    if ((mismatches.length === 0) !== isPlaced(symbols, placement)) return [says];
    const own = symbolsOf(symbols, placement.symbol);
    const wrong = mismatches.filter((mismatch) => {
      switch (mismatch.code) {
        case "elsewhere":
        case "other-copy":
          return !own.some(({ section }) => section === mismatch.section);
        case "part-outside":
        case "renamed":
          return !own.some(({ name, section }) => name === mismatch.name && section === mismatch.section);
        case "dropped":
          return own.length > 0 || (compiled !== undefined && !isCompiled(placement));
        case "inlined":
          // What is left of it, called from nowhere, the linker may have dropped.
          return own.length > 0 || (mismatch.calls === 0 && isCompiled(placement));
        case "optimised-away":
        case "unknown":
          return own.length > 0 || isCompiled(placement);
        default:
          return false;
      }
    });
    return wrong.length > 0 ? [says] : [];
  });
}

const CLONE = /^(.+?)\.(?:cold|part|constprop|isra|lto_priv|llvm|localalias)(?:\.|$)/;

function lastTable(text: string): readonly (readonly string[])[] {
  const table = text.split(/^Symbol table /m).at(-1) ?? "";
  return table.split("\n").flatMap((line) => {
    const found = /^ +\d+: ([0-9a-f]+) +(\S+) (\S+) +(\S+) +(\S+)(?: \[.*?\])? +(\S+) (.*)$/.exec(line);
    if (found === null) return [];
    const [, value = "", size = "", type = "", bind = "", visibility = "", index = "", name = ""] = found;
    return [[line, value, String(Number(size)), type, bind, visibility, index, name]];
  });
}

function readelf(file: string, option: string): string {
  return execFileSync("readelf", [option, file], { encoding: "utf8", maxBuffer: 1 << 28, stdio: "pipe" });
}
