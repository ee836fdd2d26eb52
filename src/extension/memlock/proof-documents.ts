/** Proofs as documents that can be read, searched and copied from, but neither edited nor left unsaved. */
import * as vscode from "vscode";

const SCHEME = "faultline-proof";
/** Older ones are in their trace folders. */
const MOST_KEPT = 20;

export class ProofDocuments implements vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: ({ path }) => this.texts.get(path) ?? "",
  });
  private made = 0;

  /** Each has an address of its own: two proofs can be compared side by side. */
  async show(name: string, text: string): Promise<void> {
    const path = `/${++this.made}/${name.replaceAll("/", "_")}`;
    this.texts.set(path, text);
    for (const old of [...this.texts.keys()].slice(0, -MOST_KEPT)) this.texts.delete(old);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: SCHEME, path }));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.registration.dispose();
  }
}
