import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { after, before, describe, it } from "mocha";
import { LanguageId, SettingId } from "../../../src/extension/ids.js";
import { eventually, folderNamed, show } from "../support/extension.js";

const SCRIPT = `ENTRY(_start)
stack = 4 * 1K;
INCLUDE regions.ld
SECTIONS
{
  .text : { *(.text .text.*) KEEP(*(.init)) _etext = .; } > RAM
  .data : { *(.data,.data.*) }
  top = SIZEOF(.text) + _etext;
}
`;

describe("linker scripts", () => {
  let folder: string;
  let path: string;
  let document: vscode.TextDocument;

  const at = (text: string, inside = 0) => document.positionAt(SCRIPT.indexOf(text) + inside);
  const ask = async <T>(command: string, ...args: readonly unknown[]): Promise<T> =>
    vscode.commands.executeCommand<T>(command, document.uri, ...args);
  const hovers = async (position: vscode.Position) =>
    (await ask<vscode.Hover[]>("vscode.executeHoverProvider", position))
      .flatMap(({ contents }) => contents)
      .map((content) => (typeof content === "string" ? content : content.value));

  before(async () => {
    folder = folderNamed("input-thread");
    path = join(folder, "board.ld");
    writeFileSync(join(folder, "regions.ld"), "MEMORY { RAM : ORIGIN = 0x10000, LENGTH = 64K }\n");
    writeFileSync(path, SCRIPT);
    document = await show(path);
  });

  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    for (const name of ["board.ld", "regions.ld"]) rmSync(join(folder, name), { force: true });
  });

  it("are a language of their own", () => {
    assert.equal(document.languageId, LanguageId.LinkerScript);
  });

  it("have their problems shown, and no others", async () => {
    const found = await eventually("problems", () => {
      const problems = vscode.languages.getDiagnostics(document.uri);
      return problems.length > 0 ? problems : undefined;
    });
    assert.deepEqual(
      found.map(({ code, range }) => [code, document.getText(range)]),
      [["glued-name", ".data,.data.*"]],
    );
  });

  it("offer to mend them, as an edit that can be undone", async () => {
    const [problem] = vscode.languages.getDiagnostics(document.uri);
    const [action] = await ask<vscode.CodeAction[]>("vscode.executeCodeActionProvider", problem?.range);
    assert.ok(action?.edit, "no quick fix");
    await vscode.workspace.applyEdit(action.edit);
    assert.equal(document.getText(), SCRIPT.replace(".data,.data.*", ".data .data.*"));
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), SCRIPT);
  });

  it("are outlined", async () => {
    const symbols = await ask<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider");
    assert.deepEqual(
      symbols.map(({ name }) => name),
      ["ENTRY", "stack", "INCLUDE", "SECTIONS"],
    );
    assert.deepEqual(
      symbols[3]?.children.map(({ name, detail }) => [name, detail]),
      [
        [".text", "> RAM"],
        [".data", ""],
        ["top", ""],
      ],
    );
  });

  it("lead from a name to where it is defined, in an included file as well", async () => {
    const lineOf = async (position: vscode.Position) =>
      (await ask<vscode.Location[]>("vscode.executeDefinitionProvider", position)).map(({ uri, range }) => [
        uri.path.replace(/^.*\//, ""),
        range.start.line,
      ]);
    assert.deepEqual(await lineOf(at("+ _etext", 4)), [["board.ld", 5]]);
    assert.deepEqual(await lineOf(at("SIZEOF(.text", 9)), [["board.ld", 5]]);
    assert.deepEqual(await lineOf(at("> RAM", 3)), [["regions.ld", 0]]);
    assert.deepEqual(await lineOf(at("regions.ld", 3)), [["regions.ld", 0]]);
    const uses = await ask<vscode.Location[]>("vscode.executeReferenceProvider", at("> RAM", 3));
    assert.equal(uses.length, 2);
  });

  it("tell what a command is for, and what the linked program made of a section", async () => {
    const [syntax, sentence] = await hovers(at("KEEP", 1));
    assert.match(String(syntax), /KEEP\(/);
    assert.match(String(sentence), /gc\\?-sections/);
    const readelf = execFileSync("readelf", ["-SW", join(folder, "build/input-thread")], { encoding: "utf8" });
    const address = /\.text\s+PROGBITS\s+([0-9a-f]+)/.exec(readelf)?.[1];
    const told = (await hovers(at(".text :", 2))).join(" ");
    assert.ok(told.includes(`0x${Number.parseInt(address ?? "", 16).toString(16)}`), told);
    assert.match(told, /input/);
  });

  it("tell what a symbol is worth, and how a region is defined", async () => {
    const [text, value] = await hovers(at("stack", 1));
    assert.match(String(text), /stack = 4 \* 1K/);
    assert.match(String(value), /0x1000/);
    assert.match(String((await hovers(at("> RAM", 3)))[0]), /RAM : ORIGIN = 0x10000, LENGTH = 64K/);
    const nm = execFileSync("nm", [join(folder, "build/input-thread")], { encoding: "utf8" });
    const start = Number.parseInt(/^([0-9a-f]+) T _start$/m.exec(nm)?.[1] ?? "", 16);
    assert.ok((await hovers(at("_start", 1))).join(" ").includes(`0x${start.toString(16)}`));
  });

  it("are completed by what fits", async () => {
    const list = await ask<vscode.CompletionList>("vscode.executeCompletionItemProvider", at("KEEP", 0));
    const labels = list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
    assert.ok(labels.includes("KEEP"), labels.join());
    assert.ok(!labels.includes("MEMORY"), labels.join());
  });

  it("are coloured by meaning", async () => {
    const legend = await ask<vscode.SemanticTokensLegend>("vscode.provideDocumentSemanticTokensLegend");
    const { data } = await ask<vscode.SemanticTokens>("vscode.provideDocumentSemanticTokens");
    const types = Array.from({ length: data.length / 5 }, (_, index) => legend.tokenTypes[data[index * 5 + 3]!]);
    for (const type of ["keyword", "function", "class", "variable", "enumMember", "property"])
      assert.ok(types.includes(type), `${type}: ${types.join()}`);
  });

  it("have the sizes of sections above them where that is asked for", async () => {
    const settings = vscode.workspace.getConfiguration(undefined, document.uri);
    assert.deepEqual(await ask<vscode.CodeLens[]>("vscode.executeCodeLensProvider"), []);
    await settings.update(SettingId.ScriptLensEnabled, true, vscode.ConfigurationTarget.Workspace);
    try {
      const lenses = await ask<vscode.CodeLens[]>("vscode.executeCodeLensProvider");
      assert.deepEqual(
        lenses.map(({ range }) => document.getText(range)),
        [".text", ".data"],
      );
    } finally {
      await settings.update(SettingId.ScriptLensEnabled, undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
