/** Decoders for what the other side of a webview sent: each gives what was asked for, or throws. */
import { numberOf, objectOf, type JsonObject } from "../core/base/json-fields.js";

/** A message that is not what was agreed on: a bug of ours, or somebody else's message. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

export function whole(value: unknown, what: string): number {
  const number = numberOf(value);
  if (number === undefined) throw new ProtocolError(`${what} is not a whole number`);
  return number;
}

export function text(value: unknown, what: string, most = MOST_TEXT): string {
  if (typeof value !== "string" || value.length > most) throw new ProtocolError(`${what} is not a short text`);
  return value;
}

export function truth(value: unknown, what: string): boolean {
  if (typeof value !== "boolean") throw new ProtocolError(`${what} is neither true nor false`);
  return value;
}

export function oneOf<T extends string>(value: unknown, choices: readonly T[], what: string): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new ProtocolError(`${what} is none of ${choices.join(", ")}`);
  return found;
}

export function fields(value: unknown, what: string): JsonObject {
  const object = objectOf(value);
  if (object === undefined) throw new ProtocolError(`${what} is not an object`);
  return object;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ProtocolError(`${what} is not a list`);
  return value;
}

/** Numbers as they are, of any sign; `length` when the column has to match others. */
export function column(value: unknown, what: string, length?: number): readonly number[] {
  if (!(value instanceof Float64Array) || (length !== undefined && value.length !== length)) {
    throw new ProtocolError(`${what} is not a column of numbers`);
  }
  return Array.from(value);
}

export function optional<T>(value: unknown, decode: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : decode(value);
}

/** Longest text either side sends: names are cut to it before they are sent. */
export const MOST_TEXT = 4096;
