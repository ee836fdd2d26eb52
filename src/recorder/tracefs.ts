/** Tracepoints as tracefs describes them. */
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { TracingFormats } from "../core/perf/encode-header.js";
import { RecorderRefusal, refusalOf } from "./refusal.js";

export interface Tracepoint {
  readonly system: string;
  readonly name: string;
  /** config of its perf event. */
  readonly id: number;
  /** The text of its `format` file, which perf needs to decode it. */
  readonly format: Uint8Array;
}

/** Where tracefs is mounted: its own place, or below debugfs as before kernel 4.1. */
const MOUNT_POINTS = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"] as const;

/** The two of an x86 page fault; they carry the error code, which tells a read from a write from an instruction fetch. */
export function accessTracepoints(userOnly: boolean): Tracepoint[] {
  const names = userOnly ? ["page_fault_user"] : ["page_fault_user", "page_fault_kernel"];
  return names.map((name) => tracepoint("exceptions", name, userOnly));
}

/** What perf's tracing data says of the tracepoints in use. */
export function tracingFormats(tracepoints: readonly Tracepoint[], pageSize: number): TracingFormats {
  const systems = new Map<string, Uint8Array[]>();
  for (const { system, format } of tracepoints) systems.set(system, [...(systems.get(system) ?? []), format]);
  return {
    pageSize,
    headerPage: readOrRefuse("events/header_page", "header_page", false),
    headerEvent: readOrRefuse("events/header_event", "header_event", false),
    systems,
  };
}

function tracepoint(system: string, name: string, userOnly: boolean): Tracepoint {
  const path = `${system}:${name}`;
  const folder = `events/${system}/${name}`;
  const id = Number(readOrRefuse(`${folder}/id`, path, userOnly).toString("latin1"));
  return { system, name, id, format: readOrRefuse(`${folder}/format`, path, userOnly) };
}

function readOrRefuse(file: string, path: string, userOnly: boolean): Buffer {
  let errno: number = constants.errno.ENOENT;
  for (const mountPoint of MOUNT_POINTS) {
    try {
      return readFileSync(`${mountPoint}/${file}`);
    } catch (error) {
      const number = error instanceof Error && "errno" in error ? -Number(error.errno) : constants.errno.EIO;
      if (number !== constants.errno.ENOENT) errno = number;
    }
  }
  throw new RecorderRefusal(refusalOf("tracepoint", errno, { userOnly, path }));
}
