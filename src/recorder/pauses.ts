/** How long a recording was paused, all in all. */
export class Pauses {
  private since: number | undefined;
  private past = 0;

  begin(): void {
    this.since ??= performance.now();
  }

  end(): void {
    if (this.since !== undefined) this.past += performance.now() - this.since;
    this.since = undefined;
  }

  /** Whole milliseconds, rounded up: a pause is never none. */
  get total(): number {
    return Math.ceil(this.past);
  }
}
