/** How a machine makes a system call: its instruction, its registers as ptrace gives them, its numbers. Pure. */

/** The calls that are ever made inside a target. */
export type CallName =
  | "clone"
  | "close"
  | "close_range"
  | "exit_group"
  | "ioctl"
  | "madvise"
  | "mlock"
  | "mlock2"
  | "mlockall"
  | "mmap"
  | "munlock"
  | "munlockall"
  | "munmap"
  | "userfaultfd"
  | "wait4";

export interface MachineCalls {
  /** Bytes of the instruction that enters the kernel. */
  readonly instruction: Uint8Array;
  /** Bytes of NT_PRSTATUS: user_regs_struct, or user_pt_regs. */
  readonly registerBytes: number;
  readonly numbers: Readonly<Record<CallName, number>>;
  /** False for a program of the machine's 32-bit mode: its calls have other numbers. */
  isNative(registers: Buffer): boolean;
  /** The registers of a thread that is about to execute the instruction at `at`, for this call. */
  prepared(registers: Buffer, at: number, call: CallName, parameters: readonly number[]): Buffer;
  /** The registers with which an interrupted thread goes on after a call of ours; what it was in is begun again. */
  continued(registers: Buffer): Buffer;
  /** Whether the kernel would begin the call again after a signal: it was not made. */
  isInterrupted(result: number): boolean;
  /** What the call gave: negative error numbers. */
  result(registers: Buffer): number;
  /** Parameters of clone(2) for these flags; stack 0: the caller's. */
  cloneParameters(flags: number, stack: number): readonly number[];
  /** The same registers with another stack pointer. */
  withStack(registers: Buffer, stack: number): Buffer;
}

/** undefined: nothing is known of this machine (`process.arch`). */
export function machineCalls(arch: string): MachineCalls | undefined {
  switch (arch) {
    case "x64":
      return X86_64;
    case "arm64":
      return AARCH64;
    default:
      return undefined;
  }
}

/** asm/user_64.h: struct user_regs_struct, 27 words. */
const X86 = {
  r10: 7,
  r9: 8,
  r8: 9,
  rax: 10,
  rdx: 12,
  rsi: 13,
  rdi: 14,
  origRax: 15,
  rip: 16,
  cs: 17,
  rsp: 19,
} as const;
/** The code segment of 64-bit programs (asm/segment.h, __USER_CS). */
const USER_CS = 0x33n;
const WORD_BYTES = 8;
/** linux/errno.h: ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK. */
const RESTART_BLOCK = -516;
const RESTARTED: ReadonlySet<number> = new Set([-512, -513, -514, RESTART_BLOCK]);
/** asm/unistd_64.h: goes on with what was interrupted, with the time that is left. */
const RESTART_SYSCALL = 219;
const SYSCALL_BYTES = 2n;

const X86_64: MachineCalls = {
  instruction: Uint8Array.of(0x0f, 0x05),
  registerBytes: 27 * WORD_BYTES,
  // asm/unistd_64.h
  numbers: {
    clone: 56,
    close: 3,
    close_range: 436,
    exit_group: 231,
    ioctl: 16,
    madvise: 28,
    mlock: 149,
    mlock2: 325,
    mlockall: 151,
    mmap: 9,
    munlock: 150,
    munlockall: 152,
    munmap: 11,
    userfaultfd: 323,
    wait4: 61,
  },
  isNative: (registers) => registers.readBigUInt64LE(X86.cs * WORD_BYTES) === USER_CS,
  prepared: (registers, at, call, parameters) => {
    const prepared = Buffer.from(registers);
    const set = wordSetter(prepared);
    set(X86.rax, X86_64.numbers[call]);
    // No call is under way that the kernel would begin again.
    set(X86.origRax, -1);
    set(X86.rip, at);
    [X86.rdi, X86.rsi, X86.rdx, X86.r10, X86.r8, X86.r9].forEach((register, index) => {
      set(register, parameters[index] ?? 0);
    });
    return prepared;
  },
  continued: (registers) => {
    const result = Buffer.from(registers);
    const call = registers.readBigInt64LE(X86.origRax * WORD_BYTES);
    const value = Number(registers.readBigInt64LE(X86.rax * WORD_BYTES));
    if (call < 0n || !RESTARTED.has(value)) return result;
    const set = wordSetter(result);
    set(X86.rax, value === RESTART_BLOCK ? RESTART_SYSCALL : Number(call));
    set(X86.origRax, -1);
    result.writeBigUInt64LE(registers.readBigUInt64LE(X86.rip * WORD_BYTES) - SYSCALL_BYTES, X86.rip * WORD_BYTES);
    return result;
  },
  isInterrupted: (result) => RESTARTED.has(result),
  result: (registers) => Number(registers.readBigInt64LE(X86.rax * WORD_BYTES)),
  cloneParameters: (flags, stack) => [flags, stack],
  withStack: (registers, stack) => {
    const moved = Buffer.from(registers);
    wordSetter(moved)(X86.rsp, stack);
    return moved;
  },
};

/** asm/ptrace.h: struct user_pt_regs: x0 … x30, sp, pc, pstate. */
const ARM = { x8: 8, sp: 31, pc: 32, pstate: 33 } as const;
/** PSR_MODE32_BIT */
const MODE_32 = 0x10n;

const AARCH64: MachineCalls = {
  // svc #0
  instruction: Uint8Array.of(0x01, 0x00, 0x00, 0xd4),
  registerBytes: 34 * WORD_BYTES,
  // asm-generic/unistd.h
  numbers: {
    clone: 220,
    close: 57,
    close_range: 436,
    exit_group: 94,
    ioctl: 29,
    madvise: 233,
    mlock: 228,
    mlock2: 284,
    mlockall: 230,
    mmap: 222,
    munlock: 229,
    munlockall: 231,
    munmap: 215,
    userfaultfd: 282,
    wait4: 260,
  },
  isNative: (registers) => (registers.readBigUInt64LE(ARM.pstate * WORD_BYTES) & MODE_32) === 0n,
  prepared: (registers, at, call, parameters) => {
    const prepared = Buffer.from(registers);
    const set = wordSetter(prepared);
    set(ARM.x8, AARCH64.numbers[call]);
    set(ARM.pc, at);
    for (let index = 0; index < 6; index++) set(index, parameters[index] ?? 0);
    return prepared;
  },
  // The kernel has set the program counter back to the call before it stopped the thread (arch/arm64/kernel/signal.c).
  continued: (registers) => registers,
  isInterrupted: (result) => RESTARTED.has(result),
  result: (registers) => Number(registers.readBigInt64LE(0)),
  cloneParameters: (flags, stack) => [flags, stack],
  withStack: (registers, stack) => {
    const moved = Buffer.from(registers);
    wordSetter(moved)(ARM.sp, stack);
    return moved;
  },
};

/** Words of all 64 bits from numbers: addresses are multiples of a page, and exact. */
function wordSetter(registers: Buffer): (word: number, value: number) => void {
  return (word, value) => {
    registers.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), word * WORD_BYTES);
  };
}
