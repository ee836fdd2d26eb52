/** The analysis thread: reads, attributes and symbolises, one request after the other, and keeps the last trace. */
import { parentPort, workerData } from "node:worker_threads";
import { english, type Translate } from "../../core/report/translate.js";
import { LinkAnswers } from "../ldscript/link-answer.js";
import { answer } from "./answer.js";
import { takeApart, type Pieces } from "./pieces.js";
import type { FromThread, ThreadData, ToThread } from "./thread-messages.js";
import { TraceCache } from "./trace-cache.js";

/** Rows a message holds: reading one takes the receiver a few milliseconds at the most. */
const ROWS_A_PIECE = 4000;

const port = parentPort!;
const { sentences } = workerData as ThreadData;
const translate: Translate = (message, ...args) =>
  english(Object.hasOwn(sentences, message) ? sentences[message]! : message, ...args);
const traces = new TraceCache(translate);
const links = new LinkAnswers();
const tell = (message: FromThread): void => port.postMessage(message);
let rest: Iterator<FromThread> | undefined;

port.on("message", (message: ToThread) => {
  switch (message.kind) {
    case "request": {
      const outcome = answer(message, traces, links);
      if (!outcome.ok) {
        tell({ kind: "failed", reason: outcome.reason, details: outcome.details });
        return;
      }
      const pieces = takeApart(outcome.value, ROWS_A_PIECE);
      rest = pieces.lists.length > 0 ? messagesOf(pieces) : undefined;
      tell({ kind: "frame", frame: pieces.frame, lists: pieces.lists.map(({ path }) => path) });
      return;
    }
    case "prepare":
      traces.prepare(message.program);
      return;
    case "next": {
      const next = rest?.next();
      if (next?.done === false) tell(next.value);
      return;
    }
  }
});

function* messagesOf({ lists }: Pieces): Generator<FromThread> {
  for (const [list, { rows }] of lists.entries()) {
    for (let at = 0; at < rows.length; at += ROWS_A_PIECE) {
      yield { kind: "rows", list, rows: rows.slice(at, at + ROWS_A_PIECE) };
    }
  }
  yield { kind: "done" };
}
