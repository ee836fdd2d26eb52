/** A headless browser for tests, driven over its own debugging pipe: no dependency, no port. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

export interface Page {
  /** The value of an expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** "Shift+ArrowRight" and the like, as the focused element gets it. */
  press(key: string): Promise<void>;
  mouse(
    kind: "mousePressed" | "mouseReleased" | "mouseMoved",
    x: number,
    y: number,
    button?: "left" | "right",
  ): Promise<void>;
  /** `control` held; positive is down. */
  wheel(x: number, y: number, delta: number): Promise<void>;
  /** What the page is told of the reader's preferences: "prefers-color-scheme": "dark" … */
  prefer(features: Readonly<Record<string, string>>): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** A PNG of what is seen, or of the whole page. */
  screenshot(whole?: boolean): Promise<Buffer>;
  /** Messages of the console and uncaught errors so far. */
  readonly complaints: readonly string[];
  /** Addresses of everything the page asked for beyond itself. */
  readonly requests: readonly string[];
}

export interface Browser {
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

export async function launchBrowser(): Promise<Browser> {
  const program = browserProgram();
  const profile = mkdtempSync(join(tmpdir(), "faultline-browser-"));
  const options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe"];
  const child = spawn(program, [...options, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    detached: true, // A group of its own: the program may be a script, and has children.
  });
  const connection = connect(child.stdio[3] as Writable, child.stdio[4] as Readable);
  return {
    async open(url) {
      const { targetId } = await connection.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await connection.send<{ sessionId: string }>("Target.attachToTarget", {
        targetId,
        flatten: true,
      });
      return openPage(connection, sessionId, url);
    },
    async close() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await gone;
      for (const end of child.stdio) end?.destroy();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Where a browser is. */
export function browserProgram(): string {
  for (const name of NAMES) {
    const found = spawnSync("which", [name], { encoding: "utf8" });
    if (found.status === 0) return found.stdout.trim();
  }
  throw new Error(`There is no browser: install one of ${NAMES.join(", ")}.`);
}

interface Connection {
  send<T>(method: string, params?: object, sessionId?: string): Promise<T>;
  on(sessionId: string, listener: (method: string, params: Record<string, unknown>) => void): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly sessionId?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Messages are JSON, each ended by a NUL byte. */
function connect(input: Writable, output: Readable): Connection {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const listeners = new Map<string, (method: string, params: Record<string, unknown>) => void>();
  let last = 0;
  let rest = Buffer.alloc(0);
  input.on("error", () => undefined); // The browser was killed: whoever waits is told by the test's own time limit.
  output.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = JSON.parse(rest.toString("utf8", 0, end)) as Message;
      rest = rest.subarray(end + 1);
      if (message.id === undefined) {
        listeners.get(message.sessionId ?? "")?.(message.method ?? "", message.params ?? {});
        continue;
      }
      const waiter = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error === undefined) waiter?.resolve(message.result as never);
      else waiter?.reject(new Error(message.error.message));
    }
  });
  return {
    send: (method, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      }),
    on: (sessionId, listener) => listeners.set(sessionId, listener),
  };
}

async function openPage(connection: Connection, sessionId: string, url: string): Promise<Page> {
  const send = <T>(method: string, params = {}) => connection.send<T>(method, params, sessionId);
  const complaints: string[] = [];
  const requests: string[] = [];
  let loaded: () => void = () => undefined;
  const loading = new Promise<void>((resolve) => (loaded = resolve));
  connection.on(sessionId, (method, params) => {
    if (method === "Page.loadEventFired") loaded();
    if (method === "Log.entryAdded" || method === "Runtime.exceptionThrown") complaints.push(JSON.stringify(params));
    if (method === "Network.requestWillBeSent") {
      const { url: asked } = params["request"] as { url: string };
      if (asked !== url) requests.push(asked);
    }
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  const page: Page = {
    complaints,
    requests,
    async evaluate(expression) {
      const answer = await send<{ result: { value: never }; exceptionDetails?: object }>("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return answer.result.value;
    },
    async press(combination) {
      const parts = combination.split("+").filter((part) => part !== "");
      const key = combination.endsWith("+") ? "+" : (parts.at(-1) ?? "");
      const modifiers = parts.includes("Shift") ? 8 : 0;
      const text = key.length === 1 ? { text: key } : key === "Enter" ? { text: "\r" } : {};
      const code = { Enter: 13, Escape: 27, Tab: 9, F10: 121 }[key];
      await send("Input.dispatchKeyEvent", { type: "keyDown", key, modifiers, windowsVirtualKeyCode: code, ...text });
      await send("Input.dispatchKeyEvent", { type: "keyUp", key, modifiers });
    },
    async mouse(type, x, y, button = "left") {
      const buttons = type === "mouseMoved" ? { buttons: 1 } : { button, clickCount: 1 };
      await send("Input.dispatchMouseEvent", { type, x, y, ...buttons });
    },
    async wheel(x, y, delta) {
      await send("Input.dispatchMouseEvent", { type: "mouseWheel", x, y, deltaX: 0, deltaY: delta, modifiers: 2 });
    },
    async prefer(features) {
      await send("Emulation.setEmulatedMedia", {
        features: Object.entries(features).map(([name, value]) => ({ name, value })),
      });
    },
    async resize(width, height) {
      await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    },
    async screenshot(whole = false) {
      const { data } = await send<{ data: string }>("Page.captureScreenshot", {
        format: "png",
        captureBeyondViewport: whole,
      });
      return Buffer.from(data, "base64");
    },
  };
  await page.resize(1360, 900);
  await send("Page.navigate", { url });
  await loading;
  return page;
}
