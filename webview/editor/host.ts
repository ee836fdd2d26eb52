/** The editor around this page: requests to it, its messages, and what it keeps for us while we are hidden. */
import type { JsonObject } from "../../src/core/base/json-fields.js";
import { replyOf, RpcClient, type Request } from "../../src/protocol/rpc.js";

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: JsonObject): void;
}

declare global {
  /** Given by VS Code; may be called once. */
  function acquireVsCodeApi(): VsCodeApi;
}

export interface Host<Api extends { [K in keyof Api]: (...args: never[]) => unknown }> {
  readonly rpc: RpcClient<Api>;
  /** Messages that are no replies. */
  onMessage(listener: (message: unknown) => void): void;
  readonly remembered: unknown;
  /** Kept while the page is hidden and over restarts; written when nothing changed for a moment. */
  remember(state: JsonObject): void;
}

export function connectToHost<Api extends { [K in keyof Api]: (...args: never[]) => unknown }>(): Host<Api> {
  const api = acquireVsCodeApi();
  const rpc = new RpcClient<Api>((request: Request) => {
    api.postMessage(request);
  });
  const listeners: ((message: unknown) => void)[] = [];
  window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const reply = replyOf(data);
    if (reply !== undefined) rpc.settle(reply);
    else for (const listener of listeners) listener(data);
  });
  window.addEventListener("pagehide", () => {
    rpc.dispose();
  });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  return {
    rpc,
    onMessage: (listener) => listeners.push(listener),
    remembered: api.getState(),
    remember: (state) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        api.setState(state);
      }, QUIET_MS);
    },
  };
}

const QUIET_MS = 150;
