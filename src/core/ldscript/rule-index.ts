/** The rules that take a section's name: exact names through a map, wildcards through a trie of what they begin with. */
import type { NamePattern } from "./glob.js";
import type { Rule } from "./rules.js";

/** The rules in their order. Names that the same wildcards take share one list: callers remember by it what follows from it. */
export type RulesByName = (name: string) => readonly Rule[];

export function rulesByName(rules: readonly Rule[]): RulesByName {
  const exact = new Map<string, Rule[]>();
  const root = new Prefix(undefined);
  for (const rule of rules) {
    const { isLiteral, isPrefix, text, prefix } = rule.section;
    if (isLiteral) {
      const same = exact.get(text);
      if (same === undefined) exact.set(text, [rule]);
      else same.push(rule);
    } else if (isPrefix) prefixNode(root, prefix).addAlways(rule);
    else prefixNode(root, prefix).addPerhaps(rule);
  }
  return (name) => {
    const { always, perhaps } = longestPrefix(root, name);
    const own = exact.get(name) ?? [];
    const matching = perhaps.filter(([{ matches }]) => matches(name)).flatMap(([, same]) => same);
    return own.length + matching.length === 0 ? always : inOrder([...always, ...own, ...matching]);
  };
}

function prefixNode(root: Prefix, text: string): Prefix {
  let node = root;
  for (let index = 0; index < text.length; index++) node = node.longer(text.charCodeAt(index));
  return node;
}

function longestPrefix(root: Prefix, name: string): Prefix {
  let node = root;
  for (let index = 0; index < name.length; index++) {
    const longer = node.knownLonger(name.charCodeAt(index));
    if (longer === undefined) break;
    node = longer;
  }
  return node;
}

/** A beginning of names. */
class Prefix {
  private readonly next = new Map<number, Prefix>();
  private readonly ownAlways: Rule[] = [];
  private readonly ownPerhaps = new Map<NamePattern, Rule[]>();
  private allAlways: readonly Rule[] | undefined;
  private allPerhaps: readonly (readonly [NamePattern, readonly Rule[]])[] | undefined;

  constructor(private readonly shorter: Prefix | undefined) {}

  addAlways(rule: Rule): void {
    this.ownAlways.push(rule);
  }

  addPerhaps(rule: Rule): void {
    const same = this.ownPerhaps.get(rule.section);
    if (same === undefined) this.ownPerhaps.set(rule.section, [rule]);
    else same.push(rule);
  }

  /** Names that go on with this UTF-16 unit; made where there is none. */
  longer(unit: number): Prefix {
    let longer = this.next.get(unit);
    if (longer === undefined) this.next.set(unit, (longer = new Prefix(this)));
    return longer;
  }

  knownLonger(unit: number): Prefix | undefined {
    return this.next.get(unit);
  }

  /** Rules that take every name with this beginning. */
  get always(): readonly Rule[] {
    const inherited = this.shorter?.always ?? [];
    return (this.allAlways ??= this.ownAlways.length === 0 ? inherited : inOrder([...inherited, ...this.ownAlways]));
  }

  /** Patterns that look at the rest of the name as well, and the rules of each. */
  get perhaps(): readonly (readonly [NamePattern, readonly Rule[]])[] {
    return (this.allPerhaps ??= [...(this.shorter?.perhaps ?? []), ...this.ownPerhaps]);
  }
}

function inOrder(rules: Rule[]): Rule[] {
  return rules.sort((a, b) => a.order - b.order);
}
