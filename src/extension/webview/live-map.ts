/** The memory map of what is being recorded: its trace is read again and again as it grows, while somebody looks. */
import { existsSync } from "node:fs";
import type * as vscode from "vscode";
import type { Analysis } from "../analysis/analysis.js";
import type { Services } from "../services.js";
import { Rereading } from "../traces/rereading.js";
import { mapTitle, type MapContent } from "./map-content.js";

export interface LiveMap extends vscode.Disposable {
  /** What was read last; undefined while nothing is recorded, or nothing has come yet. */
  readonly content: MapContent | undefined;
  /** Somebody may look now. */
  look(): void;
  /** A trace is shown by itself: the map is that one's, until something else is recorded. */
  forget(): void;
}

export interface LiveMapEvents {
  isLookedAt(): boolean;
  /** `content` is another one now. */
  onChange(): void;
}

interface Following {
  readonly folder: string;
  /** Of its own: whoever asks for the finished trace does not wait for what was read of it in between. */
  readonly analysis: Analysis;
  readonly rereading: Rereading;
  /** Size of perf.data when it was last read. */
  bytes: number;
}

export function liveMap({ recordings, newAnalysis, log }: Services, events: LiveMapEvents): LiveMap {
  let following: Following | undefined;
  let forgotten: string | undefined;
  let content: MapContent | undefined;

  const listener = recordings.onDidChange(look);
  return {
    get content() {
      return content;
    },
    look,
    forget: () => {
      forgotten = recordings.current?.folder;
      content = undefined;
      stop();
    },
    dispose: () => {
      listener.dispose();
      stop();
    },
  };

  function look(): void {
    const now = recordings.current;
    if (now?.folder !== following?.folder) stop();
    if (now?.folder === undefined) {
      if (now === undefined) leave();
      return;
    }
    if (now.folder === forgotten || !events.isLookedAt()) return;
    if (now.bytes > MOST_LIVE_BYTES || now.bytes === (following?.bytes ?? 0)) return;
    following ??= follow(now.folder);
    following.rereading.grew();
  }

  function follow(folder: string): Following {
    const started: Following = {
      folder,
      analysis: newAnalysis(),
      rereading: new Rereading(() => read(started)),
      bytes: 0,
    };
    return started;
  }

  async function read(from: Following): Promise<void> {
    const now = recordings.current;
    if (following !== from || now === undefined) return;
    from.bytes = now.bytes;
    try {
      const model = await from.analysis.map(from.folder);
      if (following !== from || model.processes.length === 0) return;
      const title = mapTitle(now.command, from.folder);
      content = { path: from.folder, title, model, report: { lines: [] }, progress: "recording" };
      events.onChange();
    } catch (error) {
      // The finished trace says what is wrong with it, if anything is: this is only a look in between.
      log.debug(`What is recorded cannot be shown yet: ${String(error)}`);
    }
  }

  /** The last look stays until the trace itself is shown; of a recording that was thrown away nothing does. */
  function leave(): void {
    forgotten = undefined;
    if (content === undefined || existsSync(content.path)) return;
    content = undefined;
    events.onChange();
  }

  function stop(): void {
    following?.rereading.dispose();
    following?.analysis.dispose();
    following = undefined;
  }
}

/** Some four million faults: beyond, a look in between would take memory and minutes that the program needs. */
const MOST_LIVE_BYTES = 512 * 2 ** 20;
