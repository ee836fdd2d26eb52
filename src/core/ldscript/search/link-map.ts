/** The map a linker writes of its link (-Map): which section of which file is where. GNU ld, gold and lld. */

export interface MappedInput {
  /** As the linker names it: main.o, libx.a(m.o). */
  readonly file: string;
  readonly name: string;
  /** Link-time address; of an input that is not loaded, an offset. */
  readonly address: number;
  readonly size: number;
  /** The output section. */
  readonly output: string;
}

export interface LinkMap {
  readonly linker: "gnu" | "gold" | "lld";
  readonly inputs: readonly MappedInput[];
  readonly outputs: readonly { readonly name: string; readonly address: number; readonly size: number }[];
}

/** undefined of a text that is none. What the linker made itself, and what it dropped, is left out. */
export function readLinkMap(text: string): LinkMap | undefined {
  if (/^ *(?:VMA +LMA|Address) +Size +Align Out +In +Symbol/.test(text)) return readLld(text);
  const gnu = text.indexOf("\nLinker script and memory map\n");
  if (gnu >= 0) return readGnu(text.slice(gnu + 1), "gnu");
  const gold = text.indexOf("\nMemory map\n");
  return gold < 0 ? undefined : readGnu(text.slice(gold + 1), "gold");
}

/**
 * GNU ld: an output section begins a line, its inputs are one column in; a name of 15 letters and more has the rest of
 * its line on the next one. Patterns begin with an asterisk or have a parenthesis, symbols have no size.
 */
function readGnu(text: string, linker: "gnu" | "gold"): LinkMap {
  const inputs: MappedInput[] = [];
  const outputs: LinkMap["outputs"][number][] = [];
  let output = "";
  const joined = text.replace(/^( ?[^\s*(][^\s(]*)\n +(?=0x)/gm, "$1 ");
  for (const line of joined.split("\n")) {
    const found = /^( ?)([^\s*(]\S*) +0x([0-9a-f]+) +0x([0-9a-f]+)(?: (\S.*))?$/.exec(line);
    if (found === null) {
      // An empty output section stands alone.
      if (/^[^\s*(]\S*$/.test(line)) output = line;
      continue;
    }
    const [, indent, name = "", address = "", size = "", file] = found;
    const place = { address: Number.parseInt(address, 16), size: Number.parseInt(size, 16) };
    if (indent === "") {
      output = name;
      outputs.push({ name, ...place });
    } else if (file !== undefined && !file.startsWith("load address")) inputs.push({ file, name, ...place, output });
  }
  return { linker, inputs, outputs };
}

/** lld: columns, and by how far the last one is indented an output section, an input, or a symbol. */
function readLld(text: string): LinkMap {
  const inputs: MappedInput[] = [];
  const outputs: LinkMap["outputs"][number][] = [];
  let output = "";
  for (const line of text.split("\n")) {
    const found = /^ *([0-9a-f]+) +(?:[0-9a-f]+ +)?([0-9a-f]+) +\d+ ( {8})?(\S.*)$/.exec(line);
    if (found === null) continue;
    const [, address = "", size = "", indent, what = ""] = found;
    const place = { address: Number.parseInt(address, 16), size: Number.parseInt(size, 16) };
    const input = indent === undefined ? undefined : /^(.+?):\((.+?)(?:\+0x[0-9a-f]+)?\)$/.exec(what);
    if (indent === undefined && !/ = |^(?:PROVIDE|HIDDEN|ASSERT)/.test(what)) {
      output = what;
      outputs.push({ name: what, ...place });
    } else if (input !== null && input !== undefined && input[1] !== "<internal>")
      inputs.push({ file: input[1]!, name: input[2]!, ...place, output });
  }
  return { linker: "lld", inputs, outputs };
}

/** Whether the map is of the link that made a file with these sections. */
export function isMapOf(
  { outputs }: LinkMap,
  sections: readonly {
    readonly name: string;
    readonly address: number;
    readonly size: number;
    readonly loaded: boolean;
  }[],
): boolean {
  const places = new Map(outputs.map(({ name, address, size }) => [name, { address, size }]));
  const loaded = sections.filter((section) => section.loaded && section.size > 0);
  const known = loaded.filter(({ name }) => places.has(name));
  const agrees = ({ name, address }: (typeof loaded)[number]): boolean => places.get(name)?.address === address;
  return known.length > 0 && known.length * 2 >= loaded.length && known.every(agrees);
}
