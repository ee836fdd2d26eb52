/** Asks the rules, one after the other: the first that knows the case answers. */
import { copyOnWrite } from "./copy-on-write.js";
import type { FaultFacts, Finding, Rule } from "./diagnosis.js";
import { firstUseOfLibrary } from "./first-use-of-library.js";
import { heap } from "./heap.js";
import { kernelAccess } from "./kernel-access.js";
import { lazyBinding } from "./lazy-binding.js";
import { anonymousMemory, fileNotResident, imageNotResident } from "./not-resident.js";
import { sharedFileWritten } from "./shared-file.js";
import { mainStack, threadStack } from "./stacks.js";
import { swappedIn } from "./swapped-in.js";
import { vdsoData } from "./vdso-data.js";
import { zeroPage } from "./zero-page.js";

export function diagnose(facts: FaultFacts): Finding {
  for (const rule of RULES) {
    const finding = rule(facts);
    if (finding !== undefined) return finding;
  }
  return anonymousMemory(facts);
}

/** What was going on comes before where it happened: a first use touches the same places as everything else. */
const RULES: readonly Rule[] = [
  vdsoData,
  firstUseOfLibrary,
  lazyBinding,
  swappedIn,
  copyOnWrite,
  kernelAccess,
  zeroPage,
  sharedFileWritten,
  mainStack,
  threadStack,
  heap,
  imageNotResident,
  fileNotResident,
];
