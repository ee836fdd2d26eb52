/** The kernel's clock data: mlock says yes to it and locks nothing, so that only use brings it in. */
import type { Rule } from "./diagnosis.js";

export const vdsoData: Rule = ({ region }) =>
  region === "vvar" || region === "vdso"
    ? { cause: "vdso-data", remedy: "warm-up", subject: "clock_gettime" }
    : undefined;
