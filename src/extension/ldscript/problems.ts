/** Problems of open scripts, as they are typed. */
import * as vscode from "vscode";
import { problemSentence, type Problem, type Severity } from "../../core/ldscript/problems.js";
import { rangeOf, type ScriptDocuments } from "./script-documents.js";
import { SCRIPTS } from "./selector.js";

/** After the last key: what is half typed is no mistake yet. */
const QUIET_MS = 150;

export function registerProblems(scripts: ScriptDocuments): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection("faultline-ldscript");
  const timers = new Map<string, NodeJS.Timeout>();
  const show = (document: vscode.TextDocument) => {
    timers.delete(document.uri.toString());
    if (document.isClosed) return;
    const problems = scripts.of(document)?.problems() ?? [];
    collection.set(
      document.uri,
      problems.map((problem) => diagnosticOf(document, problem)),
    );
  };
  const later = (document: vscode.TextDocument) => {
    if (vscode.languages.match(SCRIPTS, document) === 0) return;
    const key = document.uri.toString();
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => show(document), QUIET_MS),
    );
  };
  // What an included file or the project file says may have changed.
  const again = () => {
    for (const document of vscode.workspace.textDocuments) {
      scripts.forget(document);
      later(document);
    }
  };
  vscode.workspace.textDocuments.forEach(later);
  return vscode.Disposable.from(
    collection,
    vscode.workspace.onDidOpenTextDocument(later),
    vscode.workspace.onDidChangeTextDocument(({ document }) => later(document)),
    vscode.workspace.onDidSaveTextDocument(again),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => collection.delete(uri)),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
}

function diagnosticOf(document: vscode.TextDocument, problem: Problem): vscode.Diagnostic {
  const { code, severity, offset, length } = problem;
  const range = rangeOf(document, offset, offset + length);
  const diagnostic = new vscode.Diagnostic(range, problemSentence(problem, vscode.l10n.t), SEVERITIES[severity]);
  diagnostic.source = "Faultline";
  diagnostic.code = code;
  return diagnostic;
}

const SEVERITIES: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};
