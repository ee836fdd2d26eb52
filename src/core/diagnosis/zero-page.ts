/** Memory that was read first got the kernel's page of zeros, and a second fault when it was written. */
import type { Rule } from "./diagnosis.js";

export const zeroPage: Rule = ({ again, region, section, evicted, name }) => {
  const fresh = region === "heap" || region === "anonymous" || section === ".bss";
  // A page that came back from swap read-only faults again when it is written, too: that is our own doing.
  return again && fresh && !evicted
    ? { cause: "zero-page", remedy: "populate-for-writing", subject: section ?? name }
    : undefined;
};
