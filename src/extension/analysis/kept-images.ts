/** Keeps images open from one trace to the next: mostly they are the same files, and what was read of them is still true. */
import { openImageFile, type OpenedImage, type RefusedImage } from "../../host/images.js";

interface Kept {
  readonly opened: OpenedImage;
  /** Traces that ask it. */
  users: number;
}

export class KeptImages {
  /** By path, the one that was asked for longest ago first. */
  private readonly kept = new Map<string, Kept>();

  /** As `openImageFile`; the file is opened anew only where another one lies there now. */
  open(path: string): OpenedImage | RefusedImage {
    const known = this.kept.get(path);
    this.kept.delete(path);
    if (known?.opened.isCurrent() === true) return this.lend(path, known);
    if (known?.users === 0) known.opened.close();
    const opened = openImageFile(path);
    return opened.ok ? this.lend(path, { opened, users: 0 }) : opened;
  }

  private lend(path: string, kept: Kept): OpenedImage {
    this.kept.set(path, kept);
    kept.users++;
    let lent = true;
    const close = (): void => {
      if (!lent) return;
      lent = false;
      kept.users--;
      if (this.kept.get(path) !== kept && kept.users === 0) kept.opened.close();
      this.forgetOldest();
    };
    return { ...kept.opened, close };
  }

  private forgetOldest(): void {
    for (const [path, { opened, users }] of this.kept) {
      if (this.kept.size <= MOST_KEPT) return;
      if (users > 0) continue;
      this.kept.delete(path);
      opened.close();
    }
  }
}

/** Each may hold its inflated debug information: a program and the libraries of its process are about as many. */
const MOST_KEPT = 12;
