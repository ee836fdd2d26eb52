/** Rust names in C++ clothes: `_ZN4core3fmt5write17h0123456789abcdefE` (rustc-demangle, "legacy"). */

/** undefined when the name is C++: only Rust ends a path with a hash. */
export function demangleRustLegacy(name: string): string | undefined {
  const match = /^_{1,4}ZN(.+)17h[0-9a-f]{16}E(.*)$/s.exec(name);
  if (match === null) return undefined;
  const [, path = "", suffix = ""] = match;
  const parts: string[] = [];
  for (let at = 0; at < path.length;) {
    const digits = /^[1-9]\d{0,5}/.exec(path.slice(at, at + 6))?.[0];
    if (digits === undefined) return undefined;
    const start = at + digits.length;
    at = start + Number(digits);
    if (at > path.length) return undefined;
    parts.push(unescape(path.slice(start, at)));
  }
  if (parts.length === 0 || (suffix !== "" && !suffix.startsWith("."))) return undefined;
  return parts.join("::") + (suffix === "" ? "" : ` (${suffix})`);
}

function unescape(part: string): string {
  // The underscore only keeps an identifier from beginning with a dollar sign.
  return part
    .replace(/^_\$/, "$")
    .replace(/\$(?:([A-Z]{1,2})|u([0-9a-f]{1,6}))\$|\.\.|\./g, (whole, code?: string, hex?: string) => {
      if (code !== undefined) return ESCAPES[code] ?? whole;
      if (hex !== undefined) return character(parseInt(hex, 16)) ?? whole;
      return whole === ".." ? "::" : "-";
    });
}

/** Control characters stay escaped. */
function character(code: number): string | undefined {
  const isText =
    code >= 0x20 && code < 0x110000 && !(code >= 0x7f && code < 0xa0) && !(code >= 0xd800 && code < 0xe000);
  return isText ? String.fromCodePoint(code) : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  SP: "@",
  BP: "*",
  RF: "&",
  LT: "<",
  GT: ">",
  LP: "(",
  RP: ")",
  C: ",",
};
