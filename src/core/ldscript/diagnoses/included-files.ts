/** Mistakes in what a script includes, told where it is included; and files that could not be had. */
import { problemAt, type Diagnosis } from "./subject.js";

export const includedFiles: Diagnosis = ({ script }) => {
  const { scripts, missing } = script.included;
  const mistaken = [...scripts.values()].flatMap(({ path, problems, by }) => {
    const mistake = problems.find(({ severity }) => severity === "error");
    if (mistake === undefined || by === undefined) return [];
    return [problemAt(by, "included-mistake", "error", path, mistake.line)];
  });
  const unknown = missing
    .filter(({ name }) => name !== "")
    .map(({ by, name }) => problemAt(by, "included-unknown", "information", name));
  return [...mistaken, ...unknown];
};
