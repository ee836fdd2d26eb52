/** After fork parent and child share pages until one of them writes. */
import type { Rule } from "./diagnosis.js";

export const copyOnWrite: Rule = ({ forked, access, shared, writable, region, name, evicted }) => {
  const copied = forked === true && access === "write" && shared !== true && writable !== false && region !== "vvar";
  return copied && !evicted ? { cause: "copy-on-write", remedy: "no-fork-copies", subject: name } : undefined;
};
