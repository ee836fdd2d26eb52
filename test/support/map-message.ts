/** Messages with typed arrays, written as JavaScript for a page. */

/** An expression whose value is the message; Float64Arrays stay Float64Arrays. */
export function inPage(message: unknown): string {
  const text = JSON.stringify(message, (_, value: unknown) =>
    value instanceof Float64Array ? { float64: Array.from(value) } : value,
  );
  // Twice as JSON: the page parses a string, so that no text of the message is ever code or markup.
  const quoted = JSON.stringify(text)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `JSON.parse(${quoted}, (_, value) => value?.float64 ? Float64Array.from(value.float64) : value)`;
}
