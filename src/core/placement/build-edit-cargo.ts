/**
 * A Cargo package that passes a linker script: by its build script. Flags of .cargo/config.toml would also link the build
 * scripts of dependencies, in folders where the script is not found, and a changed script would not link again.
 */
import type { BuildEdit, BuildWish } from "./build-wish.js";
import { lineEndOf } from "./build-flags.js";

/** @param text of build.rs; undefined: the package has none. */
export function buildScriptEdit(text: string | undefined, { script }: BuildWish): BuildEdit {
  const argument = `println!("cargo:rustc-link-arg-bins=-Wl,-T,{}/${script}", env!("CARGO_MANIFEST_DIR"));`;
  const watched = `println!("cargo:rerun-if-changed=${script}");`;
  if (text === undefined) {
    const made = `fn main() {\n    ${argument}\n    ${watched}\n}\n`;
    return { kind: "edits", edits: [{ offset: 0, length: 0, text: made }] };
  }
  if (text.includes(script)) return { kind: "edits", edits: [] };
  const main = /^[ \t]*(?:pub\s+)?fn\s+main\s*\(\s*\)[^{;]*\{/m.exec(text);
  if (main === null) return { kind: "refused", refusal: "no-program" };
  // Without such a line Cargo runs the build script again after any change, of the linker script too.
  const lines =
    text.includes("cargo:rerun-if-") || text.includes("cargo::rerun-if-") ? [argument, watched] : [argument];
  const added = lines.map((line) => `${lineEndOf(text)}    ${line}`).join("");
  return { kind: "edits", edits: [{ offset: main.index + main[0].length, length: 0, text: added }] };
}

/** The build script that Cargo.toml names, "build.rs" without one; undefined: it is no package, or wants none. */
export function buildScriptName(manifest: string): string | undefined {
  const section = /^[ \t]*\[package\][^\n]*\n((?:(?![ \t]*\[)[^\n]*(?:\n|$))*)/m.exec(manifest)?.[1];
  if (section === undefined || /^\s*build\s*=\s*false/m.test(section)) return undefined;
  return /^\s*build\s*=\s*"([^"]+)"/m.exec(section)?.[1] ?? "build.rs";
}
