/** A script's skeleton: which statements hold which output sections, and whether it stands on its own. */
import type { IncludedScript, WholeScript } from "./included.js";
import {
  unquoted,
  type Element,
  type Overlay,
  type SectionGroup,
  type Include,
  type Insert,
  type Node,
  type OutputSection,
  type Sections,
} from "./tree.js";

export interface FoundOutput {
  readonly node: OutputSection;
  /** Undefined where the script itself has it. */
  readonly source: IncludedScript | undefined;
}

/** Under its own name or with a dot before it, in the order of the text. */
export function outputsNamed(script: WholeScript, name: string): FoundOutput[] {
  return allOutputs(script).filter(
    ({ node }) => !node.isClass && node.name !== undefined && [name, `.${name}`].includes(unquoted(node.name)),
  );
}

/** At every level, those of included files where they are included. */
export function allOutputs({ tree, included }: WholeScript): FoundOutput[] {
  const found: FoundOutput[] = [];
  const visit = (node: Node, source: IncludedScript | undefined): void => {
    for (const child of node.children) {
      if (child.kind === "output-section") found.push({ node: child, source });
      else if (child.kind === "include") {
        const script = included.scripts.get(child);
        if (script !== undefined) visit(script.tree, script);
      } else if (isHolder(child)) visit(child, source);
    }
  };
  visit(tree, undefined);
  return found;
}

export interface OutputPath {
  /** The SECTIONS or, at the top, the script that holds the statement. */
  readonly holder: Node;
  /** The script's own statement that holds the output section: itself, an overlay, a group, an INCLUDE. */
  readonly statement: Node;
}

/** Where the script itself, not a file it includes, has the output section. */
export function pathTo({ tree, included }: WholeScript, wanted: OutputSection): OutputPath | undefined {
  const holds = (element: Element): element is Node => {
    if (element === wanted) return true;
    const inner = element.kind === "include" ? included.scripts.get(element)?.tree : element;
    return inner !== undefined && (inner.kind === "script" || isHolder(inner)) && inner.children.some(holds);
  };
  for (const top of tree.children) {
    if (!holds(top)) continue;
    if (top.kind !== "sections") return { holder: tree, statement: top };
    const statement = top.children.find(holds);
    return statement === undefined ? undefined : { holder: top, statement };
  }
  return undefined;
}

/** SECTIONS, INSERT and INCLUDE of the script itself, in order. */
export function topSections({ tree }: WholeScript): (Sections | Insert | Include)[] {
  return tree.children.filter(
    (child) => child.kind === "sections" || child.kind === "insert" || child.kind === "include",
  );
}

/** Whether it takes the place of the linker's default script: it has SECTIONS that no INSERT moves. */
export function isComplete({ tree, included }: WholeScript): boolean {
  const flat = (node: Node): (Sections | Insert)[] =>
    node.children.flatMap((child) => {
      if (child.kind === "sections" || child.kind === "insert") return [child];
      const script = child.kind === "include" ? included.scripts.get(child) : undefined;
      return script === undefined ? [] : flat(script.tree);
    });
  const statements = flat(tree);
  return statements.some(
    (node, index) => node.kind === "sections" && !node.overwrite && statements[index + 1]?.kind !== "insert",
  );
}

/** What output sections may stand in. Elsewhere there is nothing to look for: expressions nest deeper than a stack. */
export function isHolder(element: Element): element is Sections | Overlay | SectionGroup {
  return element.kind === "sections" || element.kind === "overlay" || element.kind === "section-group";
}
