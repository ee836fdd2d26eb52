/** Progress on standard error: one line that is overwritten on a terminal, and nothing elsewhere but what is new. */
import { encodeProgress, type CampaignProgress } from "../core/memlock/campaign-progress.js";

const ERASE_LINE = "\r\u001b[K";

export class Progress {
  private shown = false;

  /** @param lines for the editor instead of for a person. */
  constructor(
    private readonly quiet: boolean,
    private readonly lines = false,
  ) {}

  /** For the editor only. */
  step(progress: CampaignProgress): void {
    if (this.lines) process.stderr.write(encodeProgress(progress));
  }

  /** What is being done now; on a terminal only, for a log has no use for it. */
  show(what: string): void {
    if (this.quiet || this.lines || process.stderr.isTTY !== true) return;
    process.stderr.write(`${ERASE_LINE}faultline: ${what}`);
    this.shown = true;
  }

  /** What has been done, in a line that stays. */
  tell(what: string): void {
    if (this.quiet || this.lines) return;
    this.end();
    process.stderr.write(`faultline: ${what}\n`);
  }

  end(): void {
    if (this.shown) process.stderr.write(ERASE_LINE);
    this.shown = false;
  }
}
