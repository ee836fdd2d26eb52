/** Stacks: the main one grows where nobody mapped it, those of threads are mapped and untouched. */
import type { Rule } from "./diagnosis.js";

export const mainStack: Rule = ({ region, name }) =>
  region === "main-stack" ? { cause: "main-stack-grows", remedy: "prefault-main-stack", subject: name } : undefined;

export const threadStack: Rule = ({ region, name }) =>
  region === "thread-stack" || region === "tls"
    ? { cause: "thread-stack", remedy: "prefault-thread-stack", subject: name }
    : undefined;
