/** A source text, read once however many definitions are looked for in it. */
import { CHeader } from "./c-include.js";
import { CInlineMacros } from "./c-inline.js";
import { CStructure } from "./c-structure.js";
import { rustTokens, type RustTokens } from "./source-rust-tokens.js";
import { SourceLines } from "./source-lines.js";

export class SourceText {
  readonly lines: SourceLines;
  private structure: CStructure | undefined;
  private header: CHeader | undefined;
  private macros: CInlineMacros | undefined;
  private tokens: RustTokens | undefined;

  constructor(readonly text: string) {
    this.lines = new SourceLines(text);
  }

  get c(): CStructure {
    return (this.structure ??= new CStructure(this.text));
  }

  get cHeader(): CHeader {
    return (this.header ??= new CHeader(this.c));
  }

  get cInline(): CInlineMacros {
    return (this.macros ??= new CInlineMacros(this.c));
  }

  get rust(): RustTokens {
    return (this.tokens ??= rustTokens(this.text));
  }
}
