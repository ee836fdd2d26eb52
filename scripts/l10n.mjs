// `npm run l10n`: writes l10n/bundle.l10n.json, which translators start from: every sentence the editor can show.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const bundle = join(root, "l10n/bundle.l10n.json");
/** Core makes sentences through the translator it is given, which in the editor is vscode.l10n.t. */
const folders = ["src/core", "src/extension"];

/** The bundle as it should be: `text`, and in `unclear` the calls whose sentence cannot be read from the source. */
export function collectSentences() {
  const sentences = new Set();
  const unclear = [];
  for (const path of folders.flatMap(sourcesBelow)) {
    const file = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
    const visit = (node) => {
      if (ts.isCallExpression(node) && isTranslator(node.expression) && !isForwarding(node)) {
        const found = sentencesOf(node.arguments[0]);
        found?.forEach((sentence) => sentences.add(sentence));
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        if (found === undefined) unclear.push(`${path}:${line + 1}: ${node.getText().slice(0, 80)}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  const sorted = [...sentences].sort();
  return {
    text: `${JSON.stringify(Object.fromEntries(sorted.map((sentence) => [sentence, sentence])), undefined, 2)}\n`,
    unclear,
  };
}

function isTranslator(callee) {
  return /^(translate|(vscode\.)?l10n\.t|\w+\.translate)$/.test(callee.getText());
}

/** `(message, ...args) => vscode.l10n.t(message, ...args)` hands on what is collected where it is called. */
function isForwarding({ arguments: [, ...rest] }) {
  return rest.length === 1 && ts.isSpreadElement(rest[0]);
}

/** The sentences an argument can be, undefined where that takes more than reading it. */
function sentencesOf(argument) {
  if (ts.isStringLiteralLike(argument)) return [argument.text];
  if (ts.isParenthesizedExpression(argument)) return sentencesOf(argument.expression);
  if (ts.isConditionalExpression(argument)) {
    const branches = [sentencesOf(argument.whenTrue), sentencesOf(argument.whenFalse)];
    return branches.includes(undefined) ? undefined : branches.flat();
  }
  return undefined;
}

function sourcesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { text, unclear } = collectSentences();
  writeFileSync(bundle, text);
  for (const call of unclear) console.error(`cannot tell the sentence of ${call}`);
  process.exitCode = unclear.length > 0 ? 1 : 0;
}
