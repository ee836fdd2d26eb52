/** Tables of a file that the loader and the unwinder read, and the library functions that make them. */

/** What throws, or unwinds for another reason: _Unwind_Resume goes on with what one of these began. */
export const THROWS =
  /^(?:__cxa_(?:re)?throw|_Unwind_(?:RaiseException|ForcedUnwind|Backtrace)|_ZSt\d+__throw_\w+|pthread_exit|backtrace)$/;
export const UNWIND_SECTIONS = /^\.(?:eh_frame|eh_frame_hdr|gcc_except_table)(?:\.|$)/;
/** What looks names up by itself, or loads what does. */
export const LOADS =
  /^(?:dlv?sym|dlm?open|iconv_open|getaddrinfo|gethostby\w+|get(?:pw|gr|serv|proto)\w+|initgroups|pthread_cancel)$/;
export const BINDING_SECTIONS = /^\.(?:rela?\.plt|dynsym|dynstr|gnu\.version(?:_r)?|gnu\.hash|hash|dynamic)$/;
/** What tells that a name is not there, as most are not. */
export const HASH_SECTIONS = /^\.(?:gnu\.hash|dynamic)$/;
export const LOOKUP_SECTIONS = /^\.(?:dynsym|dynstr|gnu\.version(?:_d)?|gnu\.hash|hash|dynamic)$/;
