/** Memory that was swapped out: only what was anonymous can be. */
import type { RegionKind } from "../attribution/findings.js";
import type { Rule } from "./diagnosis.js";

export const swappedIn: Rule = ({ major, region, name, evicted }) =>
  major && !evicted && ANONYMOUS.includes(region)
    ? { cause: "swapped-in", remedy: "lock-mapping", subject: name }
    : undefined;

const ANONYMOUS: readonly RegionKind[] = ["heap", "anonymous", "main-stack", "thread-stack", "tls", "shared-memory"];
