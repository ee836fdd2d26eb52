/** Linkage names to the names people wrote: C++ as llvm-cxxfilt prints them, Rust as rustfilt does. */
import { attempt } from "../base/errors.js";
import { demangleItanium } from "./itanium.js";
import { demangleRustLegacy } from "./rust-legacy.js";
import { demangleRustV0 } from "./rust-v0.js";

/** The name itself where it is not mangled, in a way nobody knows, or too long to be worth it. */
export function demangle(name: string): string {
  if (name.length > MAX_MANGLED_LENGTH) return name;
  const demangled = attempt(() => decode(name));
  return demangled.ok ? (demangled.value ?? name) : name;
}

function decode(name: string): string | undefined {
  if (/^_{1,4}Z/.test(name)) return demangleRustLegacy(name) ?? demangleItanium(name);
  if (name.startsWith("_R")) return demangleRustV0(name);
  return undefined;
}

/** Every step of demangling is bounded by the length of the name. */
const MAX_MANGLED_LENGTH = 1 << 16;
