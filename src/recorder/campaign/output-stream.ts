/** What the target writes: a pipe or FIFO that is read all the time, and can be waited on for a text. */
import { Socket } from "node:net";

/** Of what was written, so much is kept to find texts in and to quote. */
const KEPT_BYTES = 1 << 16;

export class OutputStream {
  private readonly socket: Socket;
  /** The last of what came, one character a byte. */
  private kept = "";
  private total = 0;
  private ended = false;
  private waiting: (() => void)[] = [];

  /** Takes the descriptor over. */
  constructor(fd: number) {
    this.socket = new Socket({ fd, readable: true, writable: false });
    this.socket.on("data", (bytes: Buffer) => {
      this.total += bytes.length;
      this.kept = (this.kept + bytes.toString("latin1")).slice(-KEPT_BYTES);
      this.wake();
    });
    const end = (): void => {
      this.ended = true;
      this.wake();
    };
    this.socket.on("error", end);
    this.socket.on("close", end);
  }

  /** Bytes so far: where a wait begins. */
  get position(): number {
    return this.total;
  }

  /** Resolves true when the text has come after `position`; false when the stream or the wait ended without it. */
  async until(text: string, position: number, stop: AbortSignal): Promise<boolean> {
    const wanted = Buffer.from(text, "utf8").toString("latin1");
    for (;;) {
      const from = Math.max(0, this.kept.length - (this.total - position));
      if (this.kept.includes(wanted, from)) return true;
      if (this.ended || stop.aborted) return false;
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        stop.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** The last line that says something, to be shown when the target ended unexpectedly. */
  lastLine(): string {
    const text = Buffer.from(this.kept, "latin1").toString("utf8").trim();
    return text.slice(text.lastIndexOf("\n") + 1);
  }

  close(): void {
    this.socket.destroy();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
