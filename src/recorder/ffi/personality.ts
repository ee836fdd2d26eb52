/** personality(2): programs started in it get the same addresses each time. */
import { checked, libc } from "./libc.js";

const personality = libc.func("int personality(unsigned long persona)");
/** linux/personality.h */
const ADDR_NO_RANDOMIZE = 0x0040000;
const ASK_ONLY = 0xffff_ffff;

/** Runs `work` (synchronous); programs it starts have their memory where every other one of them has it. */
export function withFixedAddresses<T>(work: () => T): T {
  const before = checked("personality", personality(ASK_ONLY));
  checked("personality", personality(before | ADDR_NO_RANDOMIZE));
  try {
    return work();
  } finally {
    personality(before);
  }
}
