/** AT, ALIGN, SUBALIGN and the constraint have an order; linkers only say that a brace is missing. */
import type { Problem } from "../problems.js";

/** The same problems, with those of an attribute behind a later one said as what they are. */
export function withAttributeOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => {
    const [found, expected] = problem.values;
    const isAttribute = typeof found === "string" && ORDER.includes(found);
    if (problem.code !== "syntax" || !isAttribute || expected !== "{") return problem;
    return { ...problem, code: "attribute-order" as const, values: [found, ORDER.join(", ")] };
  });
}

/** GNU ld's order (ldgram.y: section); lld's is the same for those it knows. */
const ORDER: readonly string[] = [
  ...["AT", "ALIGN", "ALIGN_WITH_INPUT", "SUBALIGN"],
  ...["ONLY_IF_RO", "ONLY_IF_RW", "SPECIAL"],
];
