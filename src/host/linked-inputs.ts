/** What was linked to a program: the sections of its objects, from the linker's map, or from the objects themselves. */
import { basename, dirname, join, relative, resolve } from "node:path";
import { SHT } from "../core/elf/elf-constants.js";
import type { ElfFile } from "../core/elf/elf-file.js";
import type { InputSection } from "../core/ldscript/matcher-input.js";
import { isMapOf, readLinkMap, type LinkMap, type MappedInput } from "../core/ldscript/search/link-map.js";
import { scriptText } from "./ldscript-file.js";
import { objectSections, ofObjects, type ObjectPath } from "./ldscript-inputs.js";
import { realPath, type FoundLink, type FoundScripts } from "./ldscript-search.js";
import { namesIn, type LinkedProgram } from "./linked-program.js";
import { UserError } from "./user-error.js";

export interface LinkedInputs {
  /** Link-time addresses are known from a map only. */
  readonly inputs: readonly (InputSection & { readonly address?: number })[];
  readonly from:
    | { readonly kind: "map"; readonly path: string }
    /** Those that the link's command names; the C library's are not among them. */
    | { readonly kind: "command" }
    /** Objects found beside the program: what the linker calls them is not known. */
    | { readonly kind: "beside" };
  /** The objects, where they are known. */
  readonly objects: readonly ObjectPath[];
}

/** undefined where nothing is left that tells. */
export function linkedInputs({ program, link, tree }: FoundScripts): LinkedInputs | undefined {
  if (program === undefined) return undefined;
  const objects = link === undefined ? [] : objectsOf(link);
  const map = mapOf(program, link, tree.maps);
  if (map !== undefined) {
    const known = new Map(sectionsOf(objects, program).map((section) => [`${section.file}\0${section.name}`, section]));
    const inputs = map.map.inputs.map((input) => described(input, known, program));
    return { inputs, from: { kind: "map", path: map.path }, objects };
  }
  const named = sectionsOf(objects, program);
  if (named.length > 0) return { inputs: named, from: { kind: "command" }, objects };
  const beside = objectsBeside(program, tree.objects);
  const found = sectionsOf(beside, program);
  return found.length === 0 ? undefined : { inputs: found, from: { kind: "beside" }, objects: beside };
}

/** The map that tells of this very link. */
function mapOf(
  program: LinkedProgram,
  link: FoundLink | undefined,
  maps: readonly string[],
): { readonly path: string; readonly map: LinkMap } | undefined {
  const named = link?.command.map === undefined ? [] : [resolve(link.folder, link.command.map)];
  for (const path of new Set([...named, `${program.path}.map`, ...maps])) {
    try {
      const map = readLinkMap(scriptText(path, MOST_MAP_BYTES));
      if (map !== undefined && isMapOf(map, program.sections)) return { path, map };
    } catch (error) {
      if (!(error instanceof UserError)) throw error; // Not there, or not to be read.
    }
  }
  return undefined;
}

/** Type and flags are the object's, or those of the output section: a map has none. */
function described(
  { file, name, address, size, output }: MappedInput,
  known: ReadonlyMap<string, InputSection>,
  program: LinkedProgram,
): InputSection & { readonly address: number } {
  const { type, flags } = known.get(`${file}\0${name}`) ?? program.flagsOf(output) ?? { type: "PROGBITS", flags: "A" };
  return { file, name, type, flags, size, address };
}

/** As the command names them, libraries where -L says. */
function objectsOf({ command, folder }: FoundLink): ObjectPath[] {
  return command.inputs.flatMap((name) => {
    if (!name.startsWith("-l")) return /\.so\b/.test(name) ? [] : [{ name, path: resolve(folder, name) }];
    const file = name.startsWith("-l:") ? name.slice(3) : `lib${name.slice(2)}.a`;
    const found = command.folders.map((each) => join(each, file)).find((path) => realPath(resolve(folder, path)));
    return found === undefined ? [] : [{ name: found, path: resolve(folder, found) }];
  });
}

/** Of objects all, of archives the members that the program has something of. */
function sectionsOf(objects: readonly ObjectPath[], program: LinkedProgram): InputSection[] {
  return objects.flatMap((object) => {
    const isArchive = object.name.endsWith(".a");
    try {
      return ofObjects(object, (file, elf) =>
        isArchive && !isLinked(elf, program) ? [] : objectSections(file, elf),
      ).flat();
    } catch (error) {
      if (error instanceof UserError) return []; // Removed after the link.
      throw error;
    }
  });
}

function isLinked(elf: ElfFile, { defined }: LinkedProgram): boolean {
  return namesIn(elf, symbolTable(elf)).globals.some((name) => defined.has(name));
}

/** Objects of the sources that the program names, which define something of it. */
function objectsBeside(program: LinkedProgram, paths: readonly string[]): ObjectPath[] {
  const folder = dirname(program.path);
  return paths.slice(0, MOST_OBJECTS).flatMap((path) => {
    try {
      const [isOwn] = ofObjects({ path, name: path }, (_, elf) => {
        const { globals, sources } = namesIn(elf, symbolTable(elf));
        return (
          [...sources].some((name) => program.sources.has(name)) && globals.some((name) => program.defined.has(name))
        );
      });
      return isOwn === true ? [{ path, name: relative(folder, path) || basename(path) }] : [];
    } catch (error) {
      if (error instanceof UserError) return [];
      throw error;
    }
  });
}

export function symbolTable({ sections }: ElfFile): ElfFile["sections"][number] | undefined {
  return sections.find(({ type }) => type === SHT.SYMTAB);
}

const MOST_MAP_BYTES = 512 << 20;
const MOST_OBJECTS = 2000;
