/** A webview of ours: its page, the requests it may make, the events it is told. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { answer, requestOf, type Handlers } from "../../protocol/rpc.js";
import type { Services } from "../services.js";
import { webviewPage } from "./page.js";

type Methods<Api> = { [K in keyof Api]: (...args: never[]) => unknown };

export interface Connection<Event> extends vscode.Disposable {
  /** Lost when the page is not there (hidden): it asks for everything again when it comes back. */
  tell(event: Event): void;
}

/** Fills the webview and answers it until disposed. */
export function connect<Api extends Methods<Api>, Event>(
  services: Services,
  webview: vscode.Webview,
  page: { readonly view: "map" | "layout"; readonly title: string },
  handlers: Handlers<Api>,
): Connection<Event> {
  const dist = vscode.Uri.joinPath(services.context.extensionUri, "dist");
  let open = true;
  const send = (message: unknown) => {
    if (!open) return;
    webview.postMessage(message).then(undefined, (error: unknown) => {
      services.log.debug(`A message to a webview was lost: ${String(error)}`);
    });
  };
  const listening = webview.onDidReceiveMessage((message: unknown) => {
    const request = requestOf(message);
    if (request === undefined) {
      services.log.warn("A webview sent what is no request.");
      return;
    }
    void answer(handlers, request).then((reply) => {
      if (!reply.ok) services.log.warn(`${request.method.slice(0, 40)}: ${reply.reason}`);
      send(reply);
    });
  });
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  webview.html = webviewPage({
    ...page,
    cspSource: webview.cspSource,
    script: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview.js")).toString(),
    style: webview.asWebviewUri(vscode.Uri.joinPath(dist, "webview.css")).toString(),
    nonce: randomBytes(16).toString("hex"),
    language: vscode.env.language,
  });
  return {
    tell: send,
    dispose: () => {
      open = false;
      listening.dispose();
    },
  };
}

/** What went wrong, as one sentence: analysis rejects with sentences for a person. */
export function sentenceOf(error: unknown): string {
  const sentence = error instanceof Error ? error.message : String(error);
  return sentence.length > MOST_SENTENCE ? `${sentence.slice(0, MOST_SENTENCE)}…` : sentence;
}

const MOST_SENTENCE = 1000;
