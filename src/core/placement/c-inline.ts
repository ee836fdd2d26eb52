/** Whether a function of C or C++ text is inline: by its own words, or by those of a macro that the text defines. */
import type { CDeclaration } from "./c-declaration.js";
import type { CStructure } from "./c-structure.js";

export interface CInline {
  readonly inline: boolean;
  /** It has no code but where it is called: always_inline, or gnu_inline of something that is extern. */
  readonly only: boolean;
}

/** Macros that stand for specifiers, as the text defines them. */
export class CInlineMacros {
  private readonly bodies: ReadonlyMap<string, string>;

  constructor(private readonly structure: CStructure) {
    const lines = structure.directives
      .map((token) => structure.textOf(token))
      .filter((line) => line.includes("inline"));
    this.bodies = new Map(
      lines.flatMap((line) => {
        const [, name, body] = /^#\s*define\s+(\w+)\s+([^]*)$/.exec(line) ?? [];
        return name === undefined || body === undefined ? [] : [[name, body] as const];
      }),
    );
  }

  of({ start, end }: CDeclaration): CInline {
    const words = new Set<string>();
    for (let token = start; token < end; token = this.structure.next(token)) {
      if (!this.structure.isWord(token)) continue;
      const word = this.structure.textOf(token);
      for (const one of this.bodies.get(word)?.match(/\w+/g) ?? [word]) words.add(one.replace(/^__|__$/g, ""));
    }
    const always = words.has("always_inline") || words.has("forceinline");
    return { inline: words.has("inline"), only: always || (words.has("gnu_inline") && words.has("extern")) };
  }
}
