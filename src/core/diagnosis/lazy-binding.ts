/** The dynamic linker resolves a function at its first call: its own code and the tables it reads come in then. */
import type { FaultCode, Rule } from "./diagnosis.js";
import { isDynamicLinker, isLinkerEntry } from "./dynamic-linker.js";

export const lazyBinding: Rule = ({ region, section, code }) => {
  if (region !== "image") return undefined;
  const resolving = code.some(({ function: name }) => RESOLVERS.test(name));
  // Debian's ld.so names none of its inner functions: then its code, entered by nobody who asked for more, is the resolver.
  const inside = isDynamicLinker(code[0]?.image) && !code.some(isLinkerEntry);
  const lookup = section !== undefined && LOOKUP_TABLES.test(section) && (code.length === 0 || inside);
  return resolving || inside || lookup
    ? { cause: "lazy-binding", remedy: "bind-now", subject: callerOf(code) }
    : undefined;
};

/** Who called what had to be resolved. */
function callerOf(code: readonly FaultCode[]): string | undefined {
  const caller = code.find(
    ({ function: name, image }) => name !== "" && !RESOLVERS.test(name) && !isDynamicLinker(image),
  );
  return caller?.function;
}

/** glibc elf/dl-runtime.c and sysdeps/…/dl-trampoline.S; only they look symbols up while the program runs. */
const RESOLVERS =
  /^_dl_(?:runtime_(?:resolve|profile)|fixup$|profile_fixup$|lookup_symbol_x$|lookup_direct|lookup_x)|^do_lookup_x$/;
const LOOKUP_TABLES = /^\.(?:gnu\.hash|hash|dynsym|dynstr|gnu\.version(?:_r|_d)?|rela?\.plt)$/;
