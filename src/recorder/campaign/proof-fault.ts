/** A fault as a proof names it. */
import type { ProofFault } from "../../core/memlock/proof.js";
import type { IntervalFault } from "./campaign-trace.js";

/** @param names what was reached for, and the function it was reached for in; undefined where it is not known. */
export function proofFault(
  { page, tid, major, kernel, access, instruction, pageSize }: IntervalFault,
  names: Pick<ProofFault, "object" | "function">,
): ProofFault {
  return {
    address: `0x${(page * pageSize).toString(16)}`,
    instruction: `0x${instruction.toString(16)}`,
    tid,
    major,
    kernel,
    access,
    ...names,
  };
}
