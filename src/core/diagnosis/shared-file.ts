/** A page of a file that is mapped shared is made writable anew after every writeback. */
import type { Rule } from "./diagnosis.js";

export const sharedFileWritten: Rule = ({ region, shared, access, name }) =>
  region === "file" && shared === true && access === "write"
    ? { cause: "shared-file-written", remedy: "memory-backed-file", subject: name }
    : undefined;
