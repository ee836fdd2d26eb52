/** The dynamic linker among the images of a process. */
import type { FaultCode } from "./diagnosis.js";

/** ld-linux-x86-64.so.2, ld-2.31.so, ld-linux-aarch64.so.1, ld64.so.2, ld-musl-x86_64.so.1 */
export function isDynamicLinker(image: string | undefined): boolean {
  return image !== undefined && /\/ld(?:-linux[^/]*|-\d[^/]*|64|-musl-[^/]*)\.so(?:\.\d+)?$/.test(image);
}

/** What a program asks of it on purpose: not the resolving of a call. */
export function isLinkerEntry({ function: name }: FaultCode): boolean {
  return /^(?:__?tls_get_addr\w*|_dl_tlsdesc_\w+|update_get_addr|tls_get_addr_tail|_{0,2}dl(?:v?sym|m?open|close|iterate_phdr)\w*|_dl_(?:open\w*|allocate_tls\w*|catch_exception))$/.test(
    name,
  );
}
