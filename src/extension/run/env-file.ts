/** Files of variables that launch configurations name (`envFile`): one NAME=value a line. */

/** Lines that are none are left out. Double quotes know \n; single quotes nothing. */
export function parseEnvFile(text: string): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const [, name, raw = ""] = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) variables[name] = valueOf(raw);
  }
  return variables;
}

function valueOf(raw: string): string {
  const [, quote, inside = ""] = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(raw) ?? [];
  if (quote === '"') return inside.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
  if (quote === "'") return inside;
  // As shells do it: a comment begins after a space.
  return raw.replace(/(^|\s)#.*$/, "").trimEnd();
}
