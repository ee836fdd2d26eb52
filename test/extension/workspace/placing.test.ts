import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { after, before, describe, it } from "mocha";
import { CommandId, LanguageId } from "../../../src/extension/ids.js";
import { eventually, folderNamed, show } from "../support/extension.js";

const SOURCE = `int limit = 3;
static int step(int x) { return x * limit; }
__attribute__((noinline)) int fast(int x) { return step(x) + 1; }
void _start(void) { fast(2); for (;;) ; }
`;
const SCRIPT = `SECTIONS {
  . = 0x400000 + SIZEOF_HEADERS;
  .fast : { __fast_start = .; *(.text.fast) __fast_end = .; }
  .text : { KEEP(*(.init)) *(.text .text.*) }
  .data : { *(.data .data.*) }
}
`;
const MAKEFILE = `board: board.o
\tld -T board.ld -Map=board.map board.o -o board
board.o: board.c
\tgcc -g -fno-pie -ffunction-sections -fdata-sections -c board.c
`;

describe("what places a symbol", () => {
  let folder: string;
  let board: string;
  let plain: string;

  const placedAt = async (path: string, text: string): Promise<vscode.TextEditor> => {
    const document = await show(path);
    const editor = vscode.window.activeTextEditor!;
    const position = document.positionAt(document.getText().indexOf(text));
    editor.selection = new vscode.Selection(position, position);
    await vscode.commands.executeCommand(CommandId.ShowPlacingStatement);
    const opened = vscode.window.activeTextEditor;
    assert.ok(opened !== undefined && opened.document !== document, "no script was opened");
    return opened;
  };
  const hoversAt = async (document: vscode.TextDocument, text: string): Promise<string> => {
    const position = document.positionAt(document.getText().indexOf(text) + 1);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      position,
    );
    const contents = hovers.flatMap((hover) => hover.contents);
    return contents
      .map((content) => (typeof content === "string" ? content : content.value))
      .join("\n")
      .replaceAll(/\\|&nbsp;/g, "");
  };

  before(() => {
    folder = folderNamed("input-thread");
    board = join(folder, "board");
    mkdirSync(board, { recursive: true });
    const files = {
      "board.c": SOURCE,
      "board.ld": SCRIPT,
      Makefile: MAKEFILE,
      "faultline.json": '{ "program": "./board" }',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(board, name), text);
    execFileSync("make", ["-s"], { cwd: board });
    plain = join(folder, "plain");
    mkdirSync(plain, { recursive: true });
    writeFileSync(join(plain, "faultline.json"), '{ "program": "./plain" }');
    writeFileSync(join(plain, "plain.c"), "int main(void) { return 0; }\n");
    writeFileSync(
      join(plain, "Makefile"),
      "plain: plain.o\n\tgcc plain.o -o plain\nplain.o: plain.c\n\tgcc -g -c plain.c\n",
    );
    execFileSync("make", ["-s"], { cwd: plain });
  });

  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    for (const each of [board, plain]) rmSync(each, { recursive: true, force: true });
  });

  it("is shown in the script that the build names", async () => {
    for (const [text, line, pattern] of [
      ["fast(int", 2, ".text.fast"],
      ["limit =", 4, ".data.*"],
      ["_start", 3, ".text.*"],
    ] as const) {
      const { document, selection } = await placedAt(join(board, "board.c"), text);
      assert.equal(basename(document.uri.fsPath), "board.ld");
      assert.deepEqual([selection.start.line, document.getText(selection)], [line, pattern]);
    }
  });

  it("is offered at the function the cursor is in", async () => {
    const document = await show(join(board, "board.c"));
    const position = document.positionAt(SOURCE.indexOf("fast(int"));
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      new vscode.Range(position, position),
    );
    const [action] = actions.filter(({ command }) => command?.command === String(CommandId.ShowPlacingStatement));
    assert.match(action?.title ?? "", /fast/);
    assert.ok(action?.command);
    await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
    assert.equal(basename(vscode.window.activeTextEditor?.document.uri.fsPath ?? ""), "board.ld");
  });

  it("is shown in the linker's own script, to be read and not changed, where there is no other", async () => {
    const { document, selection } = await placedAt(join(plain, "plain.c"), "main(");
    assert.equal(document.languageId, LanguageId.LinkerScript);
    assert.notEqual(document.uri.scheme, "file");
    const verbose = execFileSync("ld", ["-pie", "--verbose"], { encoding: "utf8" });
    assert.ok(verbose.includes(document.getText()), "another script");
    assert.match(document.lineAt(selection.start.line).text, /\*\(\.text/);
    assert.match(await hoversAt(document, "*(.text .stub"), /Takes 1 section of plain/);
  });

  it("tells of a statement what it took, as the linker's map has it", async () => {
    const document = await show(join(board, "board.ld"));
    const map = readFileSync(join(board, "board.map"), "utf8");
    const size = Number.parseInt(/\.text\.fast +0x\w+ +0x(\w+) board\.o/.exec(map)?.[1] ?? "", 16);
    const one = await eventually("a hover", async () => {
      const text = await hoversAt(document, "*(.text.fast)");
      return text.includes("Takes") ? text : undefined;
    });
    assert.match(one, new RegExp(`Takes 1 section of board, ${size} B\\.`));
    assert.match(one, new RegExp(`\\| ${size} B \\| \\.text\\.fast \\| board\\.o \\|`));
    const more = await hoversAt(document, "*(.text .text");
    assert.match(more, /Takes \d sections of board/);
    assert.match(more, /1 more matches it, and an earlier statement takes it/);
    const none = await hoversAt(document, "*(.init)");
    assert.match(none, /Takes nothing of board/);
  });

  it("is changed by a placement in the script that the program is linked with, where faultline.json names none", async () => {
    const document = await show(join(board, "board.c"));
    const position = document.positionAt(SOURCE.indexOf("return x * limit"));
    vscode.window.activeTextEditor!.selection = new vscode.Selection(position, position);
    await vscode.commands.executeCommand(CommandId.PlaceByScript);
    const script = (await vscode.workspace.openTextDocument(join(board, "board.ld"))).getText();
    assert.match(script, /\*\(\.text\.step /);
    assert.ok(!existsSync(join(board, "locked-sections.ld")));
    await vscode.workspace.saveAll();
    execFileSync("make", ["-s", "-B"], { cwd: board });
    const symbols = execFileSync("readelf", ["-sW", "board"], { cwd: board, encoding: "utf8" });
    const addressOf = (name: string) =>
      Number.parseInt(new RegExp(`(\\w+) .* ${name}\\n`).exec(symbols)?.[1] ?? "", 16);
    const [start, step, end] = ["__start_locked_text", "step", "__stop_locked_text"].map(addressOf) as [
      number,
      number,
      number,
    ];
    assert.ok(start <= step && step < end, `${start} ${step} ${end}`);
  });
});
