/** The kernel reads or writes the program's memory inside a system call. */
import type { Rule } from "./diagnosis.js";

export const kernelAccess: Rule = ({ kernel, region, code, own }) => {
  if (!kernel) return undefined;
  // A variable of the program is placed like any other; a stack is brought in like any other.
  if ((region === "image" && own) || region === "main-stack" || region === "thread-stack" || region === "tls")
    return undefined;
  return {
    cause: "kernel-access",
    remedy: "lock-buffer",
    subject: code.find(({ function: name }) => name !== "")?.function,
  };
};
