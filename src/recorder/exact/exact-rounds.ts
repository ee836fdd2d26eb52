/** Exact rounds of a search for a lock set, where the kernel has them. */
import { getSystemErrorName } from "node:util";
import type { Injection } from "../campaign/injection.js";
import type { RoundExactness } from "../campaign/lock-loop.js";
import { ExactPages, type Armed } from "./exact-pages.js";

/** Says once why they cannot be had; the search takes more rounds then, and finds the same. */
export function exactRounds(pid: number, injection: Injection, onNotice: (sentence: string) => void): RoundExactness {
  const pages = new ExactPages(pid, (calls) => injection.runPlain(calls));
  return {
    arm: async () => {
      const armed = await pages.arm();
      if (armed.kind === "refused") onNotice(sentenceOf(armed));
      return armed.kind === "armed" && armed.mappings > 0;
    },
    disarm: () => pages.disarm(),
  };
}

function sentenceOf({ call, errno }: Armed & { readonly kind: "refused" }): string {
  const why = errno === 0 ? call : `${call}: ${getSystemErrorName(-errno)}`;
  return `The kernel does not show each page that a round touches (${why}; Linux 6.7 or later does): the search takes more rounds.`;
}
