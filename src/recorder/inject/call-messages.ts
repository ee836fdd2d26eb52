/** What goes between us and the process that makes calls inside a target: a JSON object a line, both ways decoded. */
import { INJECTION_REFUSALS, type InjectionRefusal } from "../../core/memlock/injection-refusal.js";
import { listOf, numberOf, objectOf, parsedJson, textOf } from "../../core/base/json-fields.js";
import type { CallName } from "./machine-calls.js";

/** One call: its name, and its parameters as numbers. */
export interface PlainCall {
  readonly name: CallName;
  readonly parameters: readonly number[];
}

export type CallAnswer =
  /** Calls may follow. */
  | { readonly kind: "ready" }
  /** Of one request, in order; negative error numbers. */
  | { readonly kind: "results"; readonly results: readonly number[] }
  | { readonly kind: "refused"; readonly refusal: InjectionRefusal; readonly detail: string };

export function encodeCalls(calls: readonly PlainCall[]): string {
  return `${JSON.stringify(calls)}\n`;
}

/** undefined: not what we send. */
export function decodeCalls(line: string): readonly PlainCall[] | undefined {
  const calls = listOf(parsedJson(line)).map((value) => {
    const entry = objectOf(value);
    const name = ALLOWED.find((allowed) => allowed === entry?.["name"]);
    const parameters = listOf(entry?.["parameters"]).flatMap((one) => numberOf(one) ?? []);
    return name === undefined || parameters.length > MOST_PARAMETERS ? undefined : { name, parameters };
  });
  return calls.every((call) => call !== undefined) ? calls : undefined;
}

export function encodeAnswer(answer: CallAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

export function decodeAnswer(line: string): CallAnswer {
  const entry = objectOf(parsedJson(line));
  switch (entry?.["kind"]) {
    case "ready":
      return { kind: "ready" };
    case "results":
      return { kind: "results", results: listOf(entry["results"]).map((one) => (typeof one === "number" ? one : NaN)) };
    default: {
      const refusal = INJECTION_REFUSALS.find((known) => known === entry?.["refusal"]) ?? "ended";
      return { kind: "refused", refusal, detail: textOf(entry?.["detail"]) ?? "" };
    }
  }
}

/** What is asked for from outside: processes are made and reaped by the other side alone. */
const ALLOWED: readonly CallName[] = [
  "close",
  "close_range",
  "ioctl",
  "madvise",
  "mlock",
  "mlock2",
  "mlockall",
  "mmap",
  "munlock",
  "munlockall",
  "munmap",
  "userfaultfd",
];
const MOST_PARAMETERS = 6;
