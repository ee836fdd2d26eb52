/** The analysis on a thread of its own: one question after the other; a question that is taken back ends the thread. */
import { Worker } from "node:worker_threads";
import type { BinaryLayout } from "../../core/report/binary-layout.js";
import type { MapModel } from "../../core/report/map-model.js";
import type { Report } from "../../core/report/report.js";
import type { LinkOrder, LinkResult } from "../ldscript/script-order.js";
import type { PlacementOrder, PlacementResult } from "../placement/placement-order.js";
import type { Analysis } from "./analysis.js";
import { htmlOfTrace } from "./html-page.js";
import { putBack, type ListPath } from "./pieces.js";
import type { AnalysisMethod, AnalysisPlace, FromThread, ThreadData, ToThread } from "./thread-messages.js";

export interface ThreadAnalysisOptions {
  /** dist/analysis.js */
  readonly script: string;
  /** dist/cli.js */
  readonly cli: string;
  /** Sentences in the editor's language, by the English ones. */
  readonly sentences: Readonly<Record<string, string>>;
  /** What belongs to a trace or ELF file now: the workspace may have changed since the last question. */
  placeOf(path: string): AnalysisPlace;
  /** Details that no person is shown. */
  log(text: string): void;
}

interface Job {
  readonly method: AnalysisMethod;
  readonly path: string;
  readonly order: PlacementOrder | undefined;
  readonly link: LinkOrder | undefined;
  readonly settle: { resolve(value: never): void; reject(error: Error): void };
  readonly signal: AbortSignal | undefined;
  readonly onAbort: () => void;
  frame: unknown;
  lists: readonly ListPath[];
}

export class ThreadAnalysis implements Analysis {
  private worker: Worker | undefined;
  private readonly waiting: Job[] = [];
  private running: Job | undefined;
  private disposed = false;

  constructor(private readonly options: ThreadAnalysisOptions) {}

  report(path: string, signal?: AbortSignal): Promise<Report> {
    return this.ask<Report>("report", path, signal);
  }

  map(path: string, signal?: AbortSignal): Promise<MapModel> {
    return this.ask<MapModel>("map", path, signal);
  }

  layout(path: string, signal?: AbortSignal): Promise<BinaryLayout> {
    return this.ask<BinaryLayout>("layout", path, signal);
  }

  placement<Order extends PlacementOrder>(path: string, order: Order): Promise<PlacementResult<Order>> {
    return this.ask("placement", path, undefined, order);
  }

  link<Order extends LinkOrder>(path: string, order: Order): Promise<LinkResult<Order>> {
    return this.ask("link", path, undefined, undefined, order);
  }

  programs(script: string): Promise<readonly string[]> {
    return this.ask<readonly string[]>("programs", script, undefined);
  }

  html(path: string, signal?: AbortSignal): Promise<string> {
    return htmlOfTrace(this.options.cli, path, this.options.placeOf(path).here, signal);
  }

  prepare(program?: string): void {
    if (this.disposed) return;
    this.worker ??= this.start();
    this.post({ kind: "prepare", program });
  }

  dispose(): void {
    this.disposed = true;
    for (const job of this.waiting.splice(0)) this.finish(job).reject(new Error(CLOSED));
    if (this.running !== undefined) this.finish(this.running).reject(new Error(CLOSED));
    this.end();
  }

  private ask<T>(
    method: AnalysisMethod,
    path: string,
    signal: AbortSignal | undefined,
    order?: PlacementOrder,
    link?: LinkOrder,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.disposed) return reject(new Error(CLOSED));
      if (signal?.aborted === true) return reject(new Error(CANCELLED));
      const job: Job = {
        method,
        path,
        order,
        link,
        settle: { resolve, reject },
        signal,
        onAbort: () => this.abort(job),
        frame: undefined,
        lists: [],
      };
      signal?.addEventListener("abort", job.onAbort, { once: true });
      this.waiting.push(job);
      this.next();
    });
  }

  private next(): void {
    if (this.running !== undefined) return;
    this.running = this.waiting.shift();
    // An idle thread must not keep its process alive.
    if (this.running === undefined) {
      this.worker?.unref();
      return;
    }
    const { method, path, order, link } = this.running;
    this.worker ??= this.start();
    this.worker.ref();
    this.post({ kind: "request", method, path, place: this.options.placeOf(path), order, link });
  }

  private start(): Worker {
    const data: ThreadData = { sentences: this.options.sentences };
    const worker = new Worker(this.options.script, { workerData: data });
    // Events of a thread that was ended meanwhile are nobody's.
    worker.on("message", (message: FromThread) => {
      if (this.worker === worker) this.hear(message);
    });
    worker.on("error", (error) => {
      if (this.worker === worker) this.lose(error);
    });
    worker.unref();
    return worker;
  }

  private hear(message: FromThread): void {
    const job = this.running;
    if (job === undefined) return;
    switch (message.kind) {
      case "frame":
        job.frame = message.frame;
        job.lists = message.lists;
        if (job.lists.length === 0) break;
        this.post({ kind: "next" });
        return;
      case "rows":
        putBack(job.frame, job.lists[message.list]!, message.rows);
        this.post({ kind: "next" });
        return;
      case "done":
        break;
      case "failed":
        if (message.details !== undefined) this.options.log(message.details);
        this.finish(job).reject(new Error(message.reason));
        this.next();
        return;
    }
    this.finish(job).resolve(job.frame as never);
    this.next();
  }

  private lose(error: Error): void {
    this.worker = undefined;
    this.options.log(error.stack ?? error.message);
    if (this.running !== undefined) {
      const { path } = this.running;
      this.finish(this.running).reject(new Error(`${path} could not be read: ${error.message}.`));
    }
    this.next();
  }

  private abort(job: Job): void {
    const at = this.waiting.indexOf(job);
    if (at >= 0) this.waiting.splice(at, 1);
    // Nothing else stops a thread that computes.
    else if (this.running === job) this.end();
    this.finish(job).reject(new Error(CANCELLED));
    this.next();
  }

  private finish(job: Job): Job["settle"] {
    job.signal?.removeEventListener("abort", job.onAbort);
    if (this.running === job) this.running = undefined;
    return job.settle;
  }

  private end(): void {
    void this.worker?.terminate();
    this.worker = undefined;
  }

  private post(message: ToThread): void {
    this.worker?.postMessage(message);
  }
}

const CLOSED = "Faultline was closed.";
const CANCELLED = "Cancelled.";
