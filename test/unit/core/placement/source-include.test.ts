/** Where the #include goes, and that text which is taken back is the text that was. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editedText } from "../../../../src/core/base/text-edit.js";
import type { SourceDefinition } from "../../../../src/core/placement/source-answer.js";
import {
  distinctEdits,
  languageOf,
  placementEdit,
  placementEdits,
  removalEdit,
  removalEdits,
} from "../../../../src/core/placement/source-edit.js";

const OPTIONS = {
  language: "c",
  section: "locked_text",
  compiler: "gcc",
  style: "macro",
  changed: true,
  unsafeAttributes: false,
} as const;
const F: SourceDefinition = {
  displayName: "f",
  line: 0,
  column: 0,
  kind: "text",
  currentSection: undefined,
  threadLocal: false,
};

function placed(text: string, definition = F): string {
  const answer = placementEdit(text, definition, OPTIONS);
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
  return editedText(text, answer.edits);
}

function takenBack(text: string, definition = F): string {
  const answer = removalEdit(text, definition, OPTIONS);
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
  return editedText(text, answer.edits);
}

const INCLUDE = '#include "faultline.h"\n';

describe("several definitions of one text", () => {
  const text =
    "int a(void) { static int n = 1; return n++; }\nint b(void) { static int n = 2; return n++; }\nint f(void) { return a() + b(); }\n";
  const definitions: readonly SourceDefinition[] = [
    { ...F, displayName: "n.0", line: 1, kind: "data" },
    { ...F, displayName: "n.1", line: 2, kind: "data" },
    { ...F, line: 3 },
  ];
  const requests = definitions.map((definition) => {
    return { definition, options: { ...OPTIONS, section: `locked_${definition.kind}`, changed: false } };
  });

  it("are placed at their own lines, with one line of the header, as each alone", () => {
    const answers = placementEdits(text, requests);
    expect(editedText(text, distinctEdits(answers))).toBe(
      `${INCLUDE}\n${text.replaceAll("static int n", "FAULTLINE_DATA static int n").replace("int f", "FAULTLINE_CODE int f")}`,
    );
    expect(answers).toEqual(requests.map(({ definition, options }) => placementEdit(text, definition, options)));
  });

  it("are taken back together with the header's line, which stays for those that are left", () => {
    const placedText = editedText(text, distinctEdits(placementEdits(text, requests)));
    const below = requests.map(({ definition, options }) => {
      return { definition: { ...definition, line: definition.line + 2 }, options };
    });
    const back = (wanted: typeof below): string =>
      editedText(placedText, distinctEdits(removalEdits(placedText, wanted)));
    expect(back(below)).toBe(text);
    expect(back(below.slice(0, 2))).toBe(`${INCLUDE}\n${text.replace("int f", "FAULTLINE_CODE int f")}`);
  });

  it("are refused one by one", () => {
    const [first, , last] = requests;
    const gone = { definition: { ...F, displayName: "gone", line: 2 }, options: OPTIONS };
    expect(placementEdits(text, [first!, gone, last!])).toEqual([
      placementEdit(text, first!.definition, first!.options),
      { ok: false, refusal: { code: "changed", line: 2 } },
      placementEdit(text, last!.definition, last!.options),
    ]);
  });
});

describe("the line goes", () => {
  it.each([
    [
      "first where nothing comes before",
      "int f(void) { return 1; }\n",
      `${INCLUDE}\nFAULTLINE_CODE int f(void) { return 1; }\n`,
    ],
    [
      "behind the comment about the file",
      "/* File. */\n\nint f(void) {}\n",
      `/* File. */\n\n${INCLUDE}\nFAULTLINE_CODE int f(void) {}\n`,
    ],
    [
      "before a comment about what follows",
      "// About f.\nint f(void) {}\n",
      `${INCLUDE}\n// About f.\nFAULTLINE_CODE int f(void) {}\n`,
    ],
    [
      "behind the last include",
      "#include <a.h>\n#include <b.h>\n\nint f(void) {}\n",
      `#include <a.h>\n#include <b.h>\n${INCLUDE}\nFAULTLINE_CODE int f(void) {}\n`,
    ],
    [
      "behind an include whose comment goes on",
      "#include <a.h> /* of\n  two lines */\nint f(void) {}\n",
      `#include <a.h> /* of\n  two lines */\n${INCLUDE}FAULTLINE_CODE int f(void) {}\n`,
    ],
    [
      "behind includes under conditions",
      "#include <a.h>\n#ifdef X\n#include <x.h>\n#else\n#include <y.h>\n#endif\nint f(void) {}\n",
      `#include <a.h>\n#ifdef X\n#include <x.h>\n#else\n#include <y.h>\n#endif\n${INCLUDE}FAULTLINE_CODE int f(void) {}\n`,
    ],
    [
      "inside of the guard",
      "#ifndef A_H\n#define A_H\n\nint f(void) {}\n#endif\n",
      `#ifndef A_H\n#define A_H\n\n${INCLUDE}\nFAULTLINE_CODE int f(void) {}\n#endif\n`,
    ],
    [
      "behind #pragma once",
      "#pragma once\nint f(void) {}\n",
      `#pragma once\n${INCLUDE}\nFAULTLINE_CODE int f(void) {}\n`,
    ],
    [
      "behind what chooses features",
      "#define _GNU_SOURCE 1\nint f(void) {}\n",
      `#define _GNU_SOURCE 1\n${INCLUDE}\nFAULTLINE_CODE int f(void) {}\n`,
    ],
    [
      "into the condition that holds for the whole file",
      "#ifdef LINUX\n#include <l.h>\nint f(void) {}\n#endif\n",
      `#ifdef LINUX\n#include <l.h>\n${INCLUDE}FAULTLINE_CODE int f(void) {}\n#endif\n`,
    ],
    [
      "not into a condition that is over",
      "#ifdef LINUX\n#include <l.h>\nint l;\n#endif\nint f(void) {}\n",
      `${INCLUDE}\n#ifdef LINUX\n#include <l.h>\nint l;\n#endif\nFAULTLINE_CODE int f(void) {}\n`,
    ],
    [
      "with the file's line ends",
      "#include <a.h>\r\nint f(void) {}\r\n",
      '#include <a.h>\r\n#include "faultline.h"\r\nFAULTLINE_CODE int f(void) {}\r\n',
    ],
    [
      "into a file whose last line has no end",
      "#include <a.h>\nint f(void) {}",
      `#include <a.h>\n${INCLUDE}FAULTLINE_CODE int f(void) {}`,
    ],
    ["behind the byte order mark", "\ufeffint f(void) {}\n", `\ufeff${INCLUDE}\nFAULTLINE_CODE int f(void) {}\n`],
    [
      "behind the beginning of a module",
      "module;\n#include <a.h>\nexport module m;\nint f(void) {}\n",
      `module;\n#include <a.h>\n${INCLUDE}export module m;\nFAULTLINE_CODE int f(void) {}\n`,
    ],
  ])("%s", (_, text, expected) => {
    expect(placed(text)).toBe(expected);
    expect(takenBack(expected)).toBe(text);
  });

  it.each([
    ["it is there", `${INCLUDE}int f(void) {}\n`],
    ["it is there from a folder", '#include "runtime/faultline.h"\nint f(void) {}\n'],
    ["another header brings it", '#include "mine.h"\nFAULTLINE_DATA int x;\nint f(void) {}\n'],
  ])("nowhere where %s", (_, text) => {
    expect(placed(text)).toBe(text.replace("int f", "FAULTLINE_CODE int f"));
  });

  it("behind another name of the section, which then needs it to stay", () => {
    const text = "#include <a.h>\n#define FAULTLINE_DATA_SECTION d\n#include <b.h>\nint f(void) {}\n";
    const after = text.replace("int f", `${INCLUDE}FAULTLINE_CODE int f`);
    expect(placed(text)).toBe(after);
    expect(takenBack(after)).toBe(after.replace("FAULTLINE_CODE ", ""));
  });

  it("once more where the one that is there comes too late, or under a condition", () => {
    expect(placed(`int f(void) {}\n${INCLUDE}`)).toBe(`${INCLUDE}\nFAULTLINE_CODE int f(void) {}\n${INCLUDE}`);
    const conditional = `#include <a.h>\n#ifdef X\n${INCLUDE}#endif\nint f(void) {}\n`;
    expect(placed(conditional)).toBe(
      `#include <a.h>\n#ifdef X\n${INCLUDE}#endif\n${INCLUDE}FAULTLINE_CODE int f(void) {}\n`,
    );
  });

  it("nowhere, and the attribute is spelled out, where the text chooses features later", () => {
    const text = "int early;\n#ifndef _GNU_SOURCE\n# define _GNU_SOURCE\n#endif\n#include <sched.h>\nint f(void) {}\n";
    expect(placed(text)).toBe(
      text.replace("int f", '__attribute__((section("locked_text"), noinline, noclone)) int f'),
    );
    expect(takenBack(placed(text))).toBe(text);
  });
});

describe("taking back", () => {
  it("leaves the line to others that need it", () => {
    const text = `#include <a.h>\n${INCLUDE}FAULTLINE_DATA int x;\nFAULTLINE_CODE int f(void) {}\n`;
    expect(takenBack(text)).toBe(text.replace("FAULTLINE_CODE ", ""));
    const used = `#include <a.h>\n${INCLUDE}FAULTLINE_CODE int f(void) { return faultline_lock(0); }\n`;
    expect(takenBack(used)).toBe(used.replace("FAULTLINE_CODE ", ""));
    const defined = `#include <a.h>\n${INCLUDE}#define X FAULTLINE_LOCK\nFAULTLINE_CODE int f(void) {}\n`;
    expect(takenBack(defined)).toBe(defined.replace("FAULTLINE_CODE ", ""));
  });

  it("leaves a line that stands where the author put it", () => {
    const text = `${INCLUDE}#include <a.h>\nFAULTLINE_CODE int f(void) {}\n`;
    expect(takenBack(text)).toBe(text.replace("FAULTLINE_CODE ", ""));
  });

  it("takes a macro on a line of its own with its line, and one behind a declarator with its space", () => {
    expect(takenBack("#include <a.h>\nFAULTLINE_CODE\nstatic int f(void) {}\n")).toBe(
      "#include <a.h>\nstatic int f(void) {}\n",
    );
    const b = { ...F, displayName: "b", kind: "data" } as const;
    for (const text of [
      "int a, b = 1;\n",
      "int a, b= 1;\n",
      "int a, b;\n",
      "int a, b[3] = {1}, c;\n",
      "int a, b{1};\n",
      "int a, (*b)(int) = 0;\n",
    ]) {
      const options = { ...OPTIONS, section: "locked_data" };
      const answer = placementEdit(text, b, options);
      if (!answer.ok) throw new Error(JSON.stringify(answer));
      expect(takenBack(editedText(text, answer.edits), b)).toBe(text);
    }
  });

  it("is refused where nothing places it, or where one mark is for several", () => {
    expect(removalEdit("int f(void) {}", F, OPTIONS)).toEqual({ ok: false, refusal: { code: "not-placed", line: 1 } });
    const shared = "FAULTLINE_DATA int a, b = 1;\n";
    const b = { ...F, displayName: "b", kind: "data" } as const;
    expect(removalEdit(shared, b, OPTIONS)).toEqual({ ok: false, refusal: { code: "not-placed", line: 1 } });
  });
});

describe("any text", () => {
  const PIECES = [
    "f",
    "int",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    ";",
    ",",
    "=",
    "*",
    "::",
    "#if X\n",
    "#else\n",
    "#endif\n",
    '"',
    "'",
    "/*",
    "*/",
    "//",
    "\n",
    "\\\n",
    "template",
    "static",
    "FAULTLINE_CODE",
    '#include "faultline.h"\n',
    '__attribute__((section("x")))',
    "operator",
    "~",
    ":",
    'R"(',
    ')"',
    "fn",
    "impl",
    "'a",
    'r#"',
    "!",
    "\u00e9",
    "\u0000",
  ];

  it("is answered, and what is placed is taken back to the byte", () => {
    const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(" "));
    const kinds = fc.constantFrom("text", "data", "bss", "rodata");
    const languages = fc.constantFrom("c", "c++", "rust");
    fc.assert(
      fc.property(texts, kinds, languages, fc.boolean(), (text, kind, language, changed) => {
        const definition = { ...F, kind, line: changed ? 0 : 1 };
        const options = { ...OPTIONS, language, section: `locked_${kind}`, changed };
        const answer = placementEdit(text, definition, options);
        removalEdit(text, definition, options);
        if (!answer.ok) return;
        const after = editedText(text, answer.edits);
        expect(after.length).toBeGreaterThan(text.length);
        // As the program tells it when it was built again.
        const above = answer.edits
          .map(({ text: put }) => put.split("\n").length - 1)
          .reduce((sum, one) => sum + one, 0);
        const removal = removalEdit(after, { ...definition, line: changed ? 0 : 1 + above }, options);
        // The line stays where a macro that was there before it has been without it.
        const others = /FAULTLINE_/.test(text);
        const plain = (source: string) => (others ? source.replaceAll(/#include "faultline\.h"\n+/g, "") : source);
        expect(removal.ok && plain(editedText(after, removal.edits))).toBe(plain(text));
      }),
      // The first came up by chance: with an attribute before it, it reads as a call.
      {
        numRuns: 1500,
        examples: [
          ["f f (", "rodata", "c", false],
          ["f f { FAULTLINE_CODE", "bss", "c", false],
        ],
      },
    );
  });

  it("every beginning of a program is answered", () => {
    const text = `#include <a.h>\n#ifdef X\nstruct S { int f(int a) const; template <class T> T g(T); };\n#endif\nint (*f(int a))(int) { static const char *t[] = {"(", R"x(})x"}; return f; }\n`;
    for (let end = 0; end <= text.length; end++) {
      for (const language of ["c", "c++", "rust"] as const)
        expect(placementEdit(text.slice(0, end), F, { ...OPTIONS, language })).toHaveProperty("ok");
    }
  });

  it.each([
    ["(", 5_000],
    ["{", 5_000],
    ["f<", 5_000],
    ["f,", 5_000],
    ["int f;", 5_000],
    ["f::", 5_000],
    ["#if X\n", 5_000],
    ["#else\nf(\n", 4_000],
    ["template<f ", 4_000],
    ["f(f)", 4_000],
    ["/*", 5_000],
    ["'f ", 5_000],
    ["*f ", 5_000],
  ])("%j repeated %i times takes no long time", (piece, times) => {
    const text = piece.repeat(times);
    for (const language of ["c", "c++", "rust"] as const) {
      expect(placementEdit(text, F, { ...OPTIONS, language })).toHaveProperty("ok");
      expect(placementEdit(text, { ...F, kind: "data" }, { ...OPTIONS, language })).toHaveProperty("ok");
    }
  });
});

it("the language is told by the file's name, of a header by who includes it", () => {
  expect(["a.c", "a.cc", "a.C", "a.hpp", "a.rs", "a.h", "a.s"].map((path) => languageOf(path, undefined))).toEqual([
    "c",
    "c++",
    "c++",
    "c++",
    "rust",
    "c",
    undefined,
  ]);
  expect(["a.c", "a.h", "a.inc"].map((path) => languageOf(path, "c++"))).toEqual(["c++", "c++", "c++"]);
});
