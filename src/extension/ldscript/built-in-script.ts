/** The linker's own script as a document that can be read and not changed. */
import * as vscode from "vscode";
import { LanguageId } from "../ids.js";

const SCHEME = "faultline-linker";

export class BuiltInScripts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  /** By the URI of the document. */
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: vscode.Uri): string | undefined {
    return this.texts.get(uri.toString());
  }

  /** @param name how the linker was asked for it. @param program that was linked with it. */
  async open(name: string, text: string, program: string): Promise<vscode.TextDocument> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: program });
    this.texts.set(uri.toString(), text);
    const document = await vscode.workspace.openTextDocument(uri);
    return vscode.languages.setTextDocumentLanguage(document, LanguageId.LinkerScript);
  }

  dispose(): void {
    this.registration.dispose();
  }
}

/** The program whose linker's own script a document is. */
export function programOfBuiltIn({ scheme, query }: vscode.Uri): string | undefined {
  return scheme === SCHEME && query !== "" ? query : undefined;
}
