import fc from "fast-check";
import { expect, it } from "vitest";
import { messageText } from "../../../../src/core/report/message-text.js";

/** What VS Code's notifications make a link of (vs/base/common/linkedText.ts). */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

it("leaves no link in a sentence that a hostile name is in", () => {
  const hostile = "[x](command:workbench.action.quit)";
  expect(LINK.test(`${hostile} is not here.`)).toBe(true);
  expect(messageText(`${hostile} is not here.`)).toBe("[x] (command:workbench.action.quit) is not here.");
});

it("leaves no link whatever the sentence is made of", () => {
  const part = fc.constantFrom(
    "[",
    "]",
    "(",
    ")",
    "](",
    "command:x",
    "https://h",
    "file:",
    "x",
    " ",
    '"',
    "\u202e",
    "\0",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const text = messageText(parts.join(""));
      expect(LINK.test(text)).toBe(false);
      expect(text).not.toMatch(/[\0\u202e]/);
    }),
    { numRuns: 2000 },
  );
});

it("cuts a name of a megabyte, and leaves an ordinary sentence as it is", () => {
  expect(messageText("y".repeat(1_000_000)).length).toBe(1000);
  expect(messageText("pointer.c (line 3) is not here [yet].")).toBe("pointer.c (line 3) is not here [yet].");
});
