/** One request to the analysis thread, answered: a value, or a sentence for a person. */
import type { Image } from "../../core/image/image.js";
import { buildLayout } from "../../core/report/build-layout.js";
import { openImageFile } from "../../host/images.js";
import { programsLinkedWith } from "../../host/ldscript-search.js";
import { pageSizeHere } from "../../host/page-size.js";
import { UserError } from "../../host/user-error.js";
import type { LinkAnswers } from "../ldscript/link-answer.js";
import { placementAnswer } from "../placement/placement-answer.js";
import type { ToThread } from "./thread-messages.js";
import type { TraceCache } from "./trace-cache.js";

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string; readonly details: string | undefined };

/** What UserError says is told; everything else is a mistake of ours, which must not end the thread unheard. */
export function answer(request: Request, traces: TraceCache, links: LinkAnswers): Outcome {
  try {
    return { ok: true, value: valueOf(request, traces, links) };
  } catch (error) {
    if (error instanceof UserError) return { ok: false, reason: error.message, details: undefined };
    const system = error instanceof Error && "code" in error;
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      reason: `${request.path} could not be read: ${message}.`,
      details: system ? undefined : error instanceof Error ? error.stack : message,
    };
  }
}

function valueOf({ method, path, place, order, link }: Request, traces: TraceCache, links: LinkAnswers): unknown {
  switch (method) {
    case "report":
      return traces.report(path, place);
    case "map":
      return traces.map(path, place);
    case "layout":
      return layoutOf(path);
    case "placement":
      return order && withImage(path, traces, (image) => placementAnswer(image, path, order));
    case "link":
      return link && withImage(path, traces, (image) => links.answer(image, path, link));
    case "programs":
      return programsLinkedWith(path, place.here);
  }
}

type Request = Extract<ToThread, { kind: "request" }>;

/** The image stays open: the next question is about the same program. */
function withImage(path: string, traces: TraceCache, ask: (image: Image) => unknown): unknown {
  const opened = traces.openImage(path);
  if (!opened.ok) throw new UserError(opened.message);
  try {
    return ask(opened.image);
  } finally {
    opened.close();
  }
}

function layoutOf(path: string): unknown {
  const opened = openImageFile(path);
  if (!opened.ok) throw new UserError(opened.message);
  try {
    return buildLayout(opened.image, pageSizeHere());
  } finally {
    opened.close();
  }
}
