/** The argument of commands about a trace: an item of the library, a file of the explorer, or nothing at all. */

/** The path it means; commands may be called by anyone, with anything. */
export function tracePathOf(argument: unknown): string | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  const { path, fsPath, scheme } = argument as Readonly<Record<string, unknown>>;
  const wanted = scheme === undefined ? path : scheme === "file" ? fsPath : undefined;
  return typeof wanted === "string" && wanted.startsWith("/") && !wanted.includes("\0") ? wanted : undefined;
}
