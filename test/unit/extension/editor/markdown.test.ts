import fc from "fast-check";
import { marked, type Token } from "marked";
import { describe, expect, it } from "vitest";
import { printable } from "../../../../src/core/report/printable.js";
import { commandLink, plain } from "../../../../src/extension/editor/markdown.js";

/** What VS Code's own renderer makes of a paragraph: the kinds of its tokens, and the text a reader sees. */
function rendered(markdown: string): { kinds: Set<string>; text: string; links: string[] } {
  const kinds = new Set<string>();
  const links: string[] = [];
  let text = "";
  const read = (token: Token) => {
    kinds.add(token.type);
    if (token.type === "link") links.push(String(token["href"]));
    if ("tokens" in token && token.tokens !== undefined) token.tokens.forEach(read);
    else if (token.type === "text" || token.type === "escape") text += unescaped(token.text as string);
  };
  marked.lexer(`a ${markdown} z`, { gfm: true }).forEach(read);
  return { kinds, text, links };
}

/** The lexer gives HTML entities where it escaped. */
function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

const ONLY_TEXT = new Set(["paragraph", "text", "escape"]);

describe("a name from a trace in Markdown", () => {
  it.each([
    ["[click](command:workbench.action.terminal.sendSequence?%7B%7D)"],
    ["<img src=x onerror=alert(1)>"],
    ["</span><script>alert(1)</script>"],
    ["https://example.org/a?b=c www.example.org someone@example.org"],
    ["operator<< <T&>(std::vector<int>*, ~X) && `code` ``"],
    ["**bold** _it_ ~~gone~~ # head - list 1. list | a | b |"],
    ["![picture](https://example.org/x.png)"],
    ["\\[a\\](b) &lt;b&gt; &#60; $(alert)"],
    ["first\n\n# second\r\n<hr>\u001b[31m\u202e"],
  ])("is shown as it is: %j", (name) => {
    const { kinds, text } = rendered(plain(name, 400));
    expect([...kinds].filter((kind) => !ONLY_TEXT.has(kind))).toEqual([]);
    expect(text).toBe(`a ${printable(name)} z`);
  });

  it("is nothing but text, whatever it holds", () => {
    const pieces = fc.constantFrom(
      "[",
      "](",
      ")",
      "<",
      ">",
      "`",
      "*",
      "_",
      "\\",
      "&",
      ";",
      "#",
      "http://",
      "www.",
      "@",
    );
    const name = fc
      .array(fc.oneof(pieces, fc.string({ unit: "binary" })), { minLength: 1, maxLength: 12 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(name, (hostile) => {
        const { kinds } = rendered(`**${plain(hostile)}**`);
        expect([...kinds].filter((kind) => !ONLY_TEXT.has(kind) && kind !== "strong")).toEqual([]);
      }),
    );
  });

  it("is bounded", () => {
    expect(plain("x".repeat(1_000_000)).length).toBeLessThanOrEqual(120);
  });
});

it("a link to a command carries its argument, whatever that holds", () => {
  fc.assert(
    fc.property(fc.string(), (object) => {
      const { links } = rendered(commandLink("title", "faultline.revealOnMap", { object }));
      expect(links).toHaveLength(1);
      const [, query] = /^command:faultline\.revealOnMap\?(.*)$/.exec(links[0]!)!;
      expect(JSON.parse(decodeURIComponent(query!))).toEqual([{ object }]);
    }),
  );
});
