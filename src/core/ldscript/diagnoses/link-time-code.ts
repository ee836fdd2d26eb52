/** Objects that hold code for link-time optimisation: what a script places by function has no sections yet. */
import { isLocked, problemAt, type Diagnosis } from "./subject.js";

export const linkTimeCode: Diagnosis = (subject) => {
  const { inputs, rules } = subject;
  const withCode = inputs?.find(({ name }) => name.startsWith(".gnu.lto_"));
  const rule = rules.find(({ output, source }) => source === undefined && isLocked(subject, output.name));
  if (withCode === undefined || rule === undefined) return [];
  return [problemAt(rule.spec, "link-time-code", "information", withCode.file)];
};
