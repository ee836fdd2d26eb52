/** The target as the core sees it: what lies at its addresses, by its mappings, threads and images. */
import { readlinkSync } from "node:fs";
import { isOutside } from "../../core/memlock/critical-path.js";
import { LiveProcess } from "../../core/memlock/live-process.js";
import { placeOfPage } from "../../core/memlock/page-facts.js";
import { readProc } from "../../host/proc-snapshot.js";
import { openedImages } from "../../host/report-input.js";
import type { OutsideTest } from "./campaign.js";
import type { IntervalFault } from "./campaign-trace.js";
import type { OpenCampaign } from "./open-campaign.js";
import { observedThreads } from "./target-facts.js";

export interface ObservedProcess {
  /** Certainly not below one of the functions. */
  readonly isOutside: OutsideTest;
  /** What lies on the page, as ".rodata of libc.so.6". */
  objectOf(fault: IntervalFault): string | undefined;
  functionOf(fault: IntervalFault): string | undefined;
  close(): void;
}

export function observeProcess({ campaign, trace, copies }: Omit<OpenCampaign, "close">): ObservedProcess {
  const { pid } = campaign.target;
  const { pageSize } = campaign;
  const images = openedImages(trace?.folder.path ?? ".", undefined);
  const maps = readProc(`${pid}/maps`) ?? "";
  const process = new LiveProcess(
    {
      pid,
      pageSize,
      maps: copies?.asOriginals(maps) ?? maps,
      threads: observedThreads(pid),
      executable: programOf(pid),
    },
    images.resolve,
  );
  return {
    isOutside: ({ chain }, critical) => isOutside(process, chain, critical),
    objectOf: ({ page }) => {
      const { name, section } = placeOfPage(process, { page, reasons: [], dropped: false }, pageSize);
      const file = name.slice(name.lastIndexOf("/") + 1);
      return section === undefined ? file : `${section} of ${file}`;
    },
    functionOf: ({ instruction }) => {
      const name = process.codeAt(instruction)?.function;
      return name === "" ? undefined : name;
    },
    close: () => {
      images.close();
    },
  };
}

/** The file the process runs; undefined where it is gone or not ours to look into. */
export function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}
