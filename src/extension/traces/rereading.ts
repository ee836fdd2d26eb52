/** Reads again what grows: never twice at once, and for no more than a share of the time. */

/** Between the end of a read and the next one, at the least. */
const LEAST_REST_MS = 1000;
/** What grows takes longer to read each time: so many times as long as a read took nothing is read after it. */
const REST_PER_READ = 4;

export class Rereading {
  private timer: NodeJS.Timeout | undefined;
  private isReading = false;
  private isDue = false;
  private isDisposed = false;
  private restsUntil = 0;

  /** @param read never rejects. */
  constructor(private readonly read: () => Promise<void>) {}

  /** There is more to read: at once, or when it is time again. */
  grew(): void {
    this.isDue = true;
    this.schedule();
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (!this.isDue || this.isReading || this.isDisposed || this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.run(), Math.max(0, this.restsUntil - performance.now()));
  }

  private async run(): Promise<void> {
    this.timer = undefined;
    this.isDue = false;
    this.isReading = true;
    const start = performance.now();
    await this.read();
    this.isReading = false;
    const end = performance.now();
    this.restsUntil = end + Math.max(LEAST_REST_MS, REST_PER_READ * (end - start));
    this.schedule();
  }
}
