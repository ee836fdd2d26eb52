/** What libraries do at their first use only: loading, thread-local storage, buffers of stdio, locales. */
import type { Rule } from "./diagnosis.js";
import { isLinkerEntry } from "./dynamic-linker.js";

export const firstUseOfLibrary: Rule = ({ code, evicted }) => {
  // A campaign warms the program up first: what still happens then happens every time.
  if (evicted) return undefined;
  const found = code.find((frame) => isLinkerEntry(frame) || FIRST_USES.test(frame.function));
  return found && { cause: "first-use-of-library", remedy: "warm-up", subject: found.function };
};

/** glibc libio and locale; iconv's and nss's modules are loaded by dlopen. */
const FIRST_USES =
  /^(?:_IO_(?:new_)?file_doallocate|_IO_doallocbuf|__?newlocale|_nl_(?:find_locale|load_locale\w*)|__?tzset\w*|tzset_internal|__nss_\w+|__gconv_\w+|ptmalloc_init\w*|arena_get2\w*|tcache_init\w*)$/;
