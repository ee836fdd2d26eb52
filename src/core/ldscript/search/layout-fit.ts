/** Whether a script explains how a program is laid out: its symbols, its sections and their order are the script's. */
import { dialectOf, type Dialect } from "../dialect.js";
import type { WholeScript } from "../included.js";
import { allOutputs, isComplete, isHolder } from "../script-outline.js";
import { unquoted, type Node } from "../tree.js";

/** What a linked file shows of its link. Addresses are link-time ones. */
export interface LinkedLayout {
  readonly sections: readonly {
    readonly name: string;
    readonly address: number;
    readonly size: number;
    readonly loaded: boolean;
  }[];
  /** Names of its symbol table; undefined of a stripped file. */
  readonly symbols: ReadonlySet<string> | undefined;
}

export type Fit =
  /** All symbols and sections that only the script could have made are there. */
  | { readonly kind: "explains"; readonly evidence: number }
  /** Something of it is missing or in another order. */
  | { readonly kind: "contradicts"; readonly what: string }
  | { readonly kind: "unknown" };

export function layoutFit(script: WholeScript, layout: LinkedLayout): Fit {
  const symbols = assignedSymbols(script);
  const missing = layout.symbols === undefined ? undefined : symbols.find((name) => !layout.symbols!.has(name));
  if (missing !== undefined) return { kind: "contradicts", what: missing };
  const loaded = layout.sections.filter((section) => section.loaded && section.size > 0);
  const addresses = new Map(loaded.map(({ name, address }) => [name, address]));
  const named = allOutputs(script)
    .map(({ node }) => (node.name === undefined || node.isClass ? "" : unquoted(node.name)))
    .filter((name) => addresses.has(name));
  const whole = isComplete(script);
  if (whole && loaded.length > 0 && named.length === 0) return { kind: "contradicts", what: loaded[0]!.name };
  // Regions and addresses of their own may put a later section at a lower address.
  const ordered =
    whole && allOutputs(script).every(({ node }) => node.region === undefined && node.address === undefined);
  const wrong = ordered
    ? named.find((name, at) => at > 0 && addresses.get(name)! < addresses.get(named[at - 1]!)!)
    : undefined;
  if (wrong !== undefined) return { kind: "contradicts", what: wrong };
  // Sections that every link has say nothing; those of its own do.
  const own = named.filter((name) => !USUAL.has(name)).length;
  const certain = layout.symbols === undefined ? 0 : symbols.filter((name) => !USUAL_SYMBOLS.has(name)).length;
  const evidence = own + certain;
  return evidence === 0 ? { kind: "unknown" } : { kind: "explains", evidence };
}

/** Symbols that the link defines whether or not anything refers to them. */
function assignedSymbols({ tree, included }: WholeScript): readonly string[] {
  const names = new Set<string>();
  const visit = (node: Node): void => {
    for (const child of node.children) {
      if (child.kind === "assignment") {
        const name = child.name === undefined || child.form !== "plain" ? "." : unquoted(child.name);
        if (name !== ".") names.add(name);
      } else if (child.kind === "include") {
        const script = included.scripts.get(child);
        if (script !== undefined) visit(script.tree);
      } else if (child.kind === "output-section" || isHolder(child)) visit(child);
    }
  };
  visit(tree);
  return [...names];
}

/** lld of this version, by what it leaves in .comment; undefined: another linker, or the script discards it. */
export function lldOf(comment: string): Dialect | undefined {
  const version = /Linker: (?:[\w-]+ )*LLD (\d+)/.exec(comment)?.[1];
  return version === undefined ? undefined : dialectOf(`lld-${version}`);
}

const USUAL: ReadonlySet<string> = new Set([
  ...[
    ".interp",
    ".dynsym",
    ".dynstr",
    ".hash",
    ".gnu.hash",
    ".rela.dyn",
    ".rela.plt",
    ".init",
    ".plt",
    ".text",
    ".fini",
  ],
  ...[".rodata", ".eh_frame", ".eh_frame_hdr", ".init_array", ".fini_array", ".dynamic", ".got", ".got.plt", ".data"],
  ...[".bss", ".tdata", ".tbss", ".data.rel.ro", ".gcc_except_table", ".note.gnu.build-id", ".comment"],
]);
const USUAL_SYMBOLS: ReadonlySet<string> = new Set([
  ...["_etext", "etext", "__etext", "_edata", "edata", "__bss_start", "_end", "end", "_start"],
]);
