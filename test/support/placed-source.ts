/** Sources built by a real compiler, placed by attributes, built again, and looked into with readelf. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { editedText, type TextEdit } from "../../src/core/base/text-edit.js";
import type { SourceAnswer, SourceOptions } from "../../src/core/placement/source-answer.js";
import { placementEdit, removalEdit } from "../../src/core/placement/source-edit.js";
import { sourcePlaces, type NoPlace, type SourcePlace } from "../../src/core/placement/source-position.js";
import { openImageFile } from "../../src/host/images.js";

export interface Built {
  readonly compiler: string;
  readonly source: string;
  readonly text: string;
  readonly object: string;
}

/** Compilers of this machine, the names they have on Debian with several versions of clang. */
export const CLANG = firstOf(["clang", "clang-19", "clang-14"]);
export const CLANGPP = firstOf(["clang++", "clang++-19", "clang++-14"]);

function firstOf(names: readonly string[]): string {
  const found = names.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
  if (found === undefined) throw new Error(`None of ${names.join(", ")} is here: install clang.`);
  return found;
}

/** A relocatable or linked file, from one source. */
export function compile(
  folder: string,
  name: string,
  text: string,
  [compiler = "", ...options]: readonly string[],
): Built {
  const source = join(folder, name);
  writeFileSync(source, text);
  const object = `${source}.${compiler}.out`;
  execFileSync(compiler, [...options, "-g", "-iquote", join(process.cwd(), "runtime"), source, "-o", object], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { compiler, source, text, object };
}

export function placesIn({ object }: Built, symbols: readonly string[]): readonly (readonly SourcePlace[] | NoPlace)[] {
  const opened = openImageFile(object);
  if (!opened.ok) throw new Error(opened.message);
  const places = sourcePlaces(opened.image, symbols);
  opened.close();
  return places;
}

const SECTIONS = { text: "locked_text", rodata: "locked_rodata", data: "locked_data", bss: "locked_bss" } as const;

/** What is answered for each symbol, by its place in the built file. */
export function answers(built: Built, symbols: readonly string[], options: Partial<SourceOptions> = {}) {
  const places = placesIn(built, symbols);
  return symbols.map(
    (symbol, index): { symbol: string; place: SourcePlace | undefined; answer: SourceAnswer | NoPlace } => {
      const found = places[index]!;
      if ("code" in found) return { symbol, place: undefined, answer: found };
      const place = found[0]!;
      const answer = placementEdit(built.text, place.definition, {
        language: place.language ?? "c",
        compiler: place.compiler,
        section: SECTIONS[place.definition.kind],
        style: "macro",
        changed: false,
        unsafeAttributes: false,
        ...options,
      });
      return { symbol, place, answer };
    },
  );
}

/** Edits of several answers, each once: all of them add the same include line. */
export function joined(all: readonly SourceAnswer[]): readonly TextEdit[] {
  const edits = new Map<string, TextEdit>();
  for (const answer of all) if (answer.ok) for (const edit of answer.edits) edits.set(JSON.stringify(edit), edit);
  return [...edits.values()];
}

/** Placing and taking back each of them alone leaves the text as it was; gives those that do not. */
export function unlikeBefore({ text }: Built, all: ReturnType<typeof answers>): string[] {
  return all.flatMap(({ symbol, place, answer }) => {
    if (place === undefined || !("ok" in answer) || !answer.ok) return [`${symbol}: ${JSON.stringify(answer)}`];
    const placed = editedText(text, answer.edits);
    const removal = removalEdit(placed, place.definition, { language: place.language ?? "c", changed: true });
    if (!removal.ok) return [`${symbol}: ${JSON.stringify(removal.refusal)}`];
    return editedText(placed, removal.edits) === text ? [] : [`${symbol}: another text`];
  });
}

/** Symbol to section, as readelf prints them. */
export function sectionsOf(file: string): ReadonlyMap<string, string> {
  const run = (option: string): string =>
    execFileSync("readelf", [option, "-W", file], { encoding: "utf8", maxBuffer: 1 << 26 });
  const names = new Map(
    [...run("-S").matchAll(/^ +\[ *(\d+)\] (\S*)/gm)].map(([, index = "", name = ""]) => [index, name]),
  );
  const symbols = run("-s").matchAll(/^ +\d+: [0-9a-f]+ +\S+ (?:FUNC|OBJECT|TLS) +\S+ +\S+ +(\d+) (\S+)/gm);
  return new Map([...symbols].map(([, index = "", name = ""]) => [name, names.get(index) ?? ""]));
}

export function read(path: string): string {
  return readFileSync(path, "utf8");
}
