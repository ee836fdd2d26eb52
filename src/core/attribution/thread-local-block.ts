/** Where in a thread's stack mapping its thread-local storage begins. */

/**
 * glibc puts the thread control block at the top of the stack mapping and static TLS right below it (TLS variant II,
 * "ELF Handling For Thread-Local Storage", section 4; nptl/allocatestack.c).
 */
export function tlsStart(mappingEnd: number, staticTlsBytes: number): number {
  const controlBlock = mappingEnd - CONTROL_BLOCK_BYTES;
  return controlBlock - (controlBlock % TCB_ALIGNMENT) - staticTlsBytes;
}

/** sizeof(struct pthread) of glibc 2.31 … 2.41 on x86-64, rounded to its alignment. */
const CONTROL_BLOCK_BYTES = 2304;
const TCB_ALIGNMENT = 64;
