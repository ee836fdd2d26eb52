/** Looking up only what is wanted finds what looking through all symbols does, in programs nobody here wrote. */
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { lastIdentifier, SymbolNames, type NamedSymbols } from "../../../../src/core/placement/symbol-names.js";
import { openImageFile } from "../../../../src/host/images.js";

/** The node that runs this has all of C and C++ there is; a library's symbols have versions. */
const PROGRAMS = [process.execPath, "/lib/x86_64-linux-gnu/libstdc++.so.6"].filter(existsSync);
const NAMES = 200;
const OTHERS = ["operator new", "main", "no_such_thing", "std::string::append", "~basic_string", ""];

it.each(PROGRAMS)("%s", (path) => {
  const opened = openImageFile(path);
  if (!opened.ok) throw new Error(opened.message);
  const symbols = opened.image.symbols();
  const step = Math.max(1, Math.floor(symbols.length / NAMES));
  const wanted = [
    ...symbols
      .filter((_, index) => index % step === 0)
      .flatMap(({ name, displayName }) => [name, displayName, lastIdentifier(displayName)]),
    ...OTHERS.filter((name) => name !== ""),
  ];
  const told = ({ own, parts, copies }: NamedSymbols) => [own, parts, copies];
  const all = new SymbolNames(opened.image);
  // Names with an operator of no class are in no mangled name: asked apart, they do not hide the others' answers.
  const plain = wanted.filter((name) => !/(?:^|\s)operator\b/.test(name));
  const few = new SymbolNames(opened.image, plain);
  let found = 0;
  for (const name of plain) {
    const expected = told(all.find(name));
    expect(told(few.find(name)), name).toEqual(expected);
    found += expected[0]!.length;
  }
  expect(found).toBeGreaterThan(NAMES);
  expect(told(new SymbolNames(opened.image, wanted).find("operator new"))).toEqual(told(all.find("operator new")));
  opened.close();
});
