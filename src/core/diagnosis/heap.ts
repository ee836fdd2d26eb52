/** The heap grows, or malloc maps a new arena. */
import type { Rule } from "./diagnosis.js";

export const heap: Rule = ({ region, name }) =>
  region === "heap" || (region === "anonymous" && name.startsWith("malloc arena"))
    ? { cause: "heap", remedy: "prefault-heap", subject: name }
    : undefined;
