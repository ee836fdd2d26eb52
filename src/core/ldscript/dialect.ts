/** Whose linker a script is written for, and what each of its versions takes. */

export type DialectName = "gnu" | "lld" | "gold";

export interface Dialect {
  readonly name: DialectName;
  /** GNU binutils 2.x as 200 + x (240 is 2.40); lld its major version; gold is binutils'. */
  readonly version: number;
}

/** The versions whose rules are known; the newest is what a script is read as unless its linker is known. */
export const NEWEST: Readonly<Record<DialectName, Dialect>> = {
  gnu: { name: "gnu", version: 247 },
  lld: { name: "lld", version: 21 },
  gold: { name: "gold", version: 240 },
};

/** `gnu`, `gnu-2.40`, `lld-19`, `gold`: undefined where it names no linker. */
export function dialectOf(text: string): Dialect | undefined {
  const [, name, major, minor] = /^(gnu|lld|gold)(?:-(\d{1,3})(?:\.(\d{1,2}))?)?$/.exec(text) ?? [];
  if (name !== "gnu" && name !== "lld" && name !== "gold") return undefined;
  if (major === undefined) return NEWEST[name];
  if (name === "lld") return { name, version: Number(major) };
  return { name, version: Number(major) * 100 + Number(minor ?? "0") };
}

/** Words that GNU ld reads as names before the version that made them commands (NEWS of ld). */
const GNU_SINCE: Readonly<Record<string, number>> = {
  REVERSE: 241,
  ASCIZ: 241,
  "^=": 241,
  "^": 241,
  LINKER_VERSION: 245,
};

/** Whether `word` is a command for this linker, which may be older than the word. */
export function isKnown(dialect: Dialect, word: string): boolean {
  const since = GNU_SINCE[word];
  return since === undefined || dialect.version >= since;
}
