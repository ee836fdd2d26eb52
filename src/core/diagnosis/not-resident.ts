/** Parts of files that were not in memory: code, constants, variables, tables of the linker, plain files. */
import type { FaultFacts, Finding, Rule } from "./diagnosis.js";

export const imageNotResident: Rule = (facts) => {
  if (facts.region !== "image") return undefined;
  const cause = causeOf(facts);
  return { cause, remedy: remedyOf(facts, cause), subject: facts.section ?? facts.name };
};

export const fileNotResident: Rule = ({ region, name }) => {
  if (region === "file") return { cause: "file-not-resident", remedy: "lock-mapping", subject: name };
  if (region === "shared-memory") return { cause: "shared-memory", remedy: "lock-mapping", subject: name };
  return undefined;
};

/** The last rule: it always answers. */
export function anonymousMemory({ name }: FaultFacts): Finding {
  return { cause: "anonymous-memory", remedy: "lock-mapping", subject: name };
}

function causeOf({ section, writable, executable, access }: FaultFacts): Finding["cause"] {
  if (section !== undefined && LINKAGE.test(section)) return "linkage-not-resident";
  if (access === "execute" || executable) return "code-not-resident";
  if (section !== undefined && /^\.(?:data|bss|tbss|tdata)|^\.tm_clone/.test(section)) return "variable-not-resident";
  return writable === true ? "variable-not-resident" : "constant-not-resident";
}

function remedyOf({ own, section }: FaultFacts, cause: Finding["cause"]): Finding["remedy"] {
  if (!own) return "lock-library-ranges";
  // Nothing that the linker or the compiler makes by itself has a declaration a section could be written on.
  const placeable =
    cause === "code-not-resident" ? !/^\.(?:plt|init|fini)/.test(section ?? "") : cause === "variable-not-resident";
  return placeable ? "place-in-locked-section" : "lock-own-section";
}

const LINKAGE =
  /^\.(?:got|plt\.got|plt\.sec|plt$|dynamic|dynsym|dynstr|gnu\.|hash|rela?\.|relr\.|data\.rel\.ro|init_array|fini_array|interp|note|eh_frame|gcc_except)/;
