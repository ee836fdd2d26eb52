/**
 * A stopped thread is made to do a call in such a way that it finds back by itself, should its tracer die at that moment.
 *
 * On its stack, below what it uses, lies a signal frame with the registers it had; the instruction after the call is a
 * return, to the code that ends signal handlers (rt_sigreturn): the kernel then restores the frame. With a living tracer
 * the thread never gets there: it is stopped after the call, and its registers are written back. A process that the call
 * creates has a frame of its own, which ends it. x86-64 only (arch/x86/kernel/signal_64.c, asm/sigcontext.h).
 */
import type { MachineCalls } from "./machine-calls.js";

/** Code of the target that the way back needs. */
export interface WayBack {
  /** `syscall; ret` */
  readonly callAndReturn: number;
  /** `mov $15, %rax; syscall`: what signal handlers return to. */
  readonly endHandler: number;
}

export interface Frames {
  /** Where the bytes belong in the target. */
  readonly at: number;
  readonly bytes: Buffer;
  /** Stack pointer for the thread that makes the call, and for a process it creates. */
  readonly stack: number;
  readonly createdStack: number;
}

export const CALL_AND_RETURN = Uint8Array.of(0x0f, 0x05, 0xc3);
export const END_HANDLER = Uint8Array.of(0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05);

/** @param blocked the thread's blocked signals, 8 bytes as the kernel has them. */
export function framesFor(registers: Buffer, way: WayBack, blocked: Buffer, machine: MachineCalls): Frames {
  const word = (index: number): bigint => registers.readBigUInt64LE(index * WORD);
  const top = Number(word(RSP)) - RED_ZONE_BYTES;
  const at = Math.floor((top - 2 * FRAME_BYTES) / FRAME_BYTES) * FRAME_BYTES;
  const bytes = Buffer.alloc(2 * FRAME_BYTES);
  writeFrame(bytes.subarray(0, FRAME_BYTES), machine.continued(registers), way, blocked);
  const ending = Buffer.from(registers);
  ending.writeBigUInt64LE(BigInt(way.callAndReturn), RIP * WORD);
  ending.writeBigUInt64LE(BigInt(machine.numbers.exit_group), RAX * WORD);
  ending.writeBigUInt64LE(0n, RDI * WORD);
  writeFrame(bytes.subarray(FRAME_BYTES), ending, way, blocked);
  return { at, bytes, stack: at, createdStack: at + FRAME_BYTES };
}

function writeFrame(frame: Buffer, registers: Buffer, { endHandler }: WayBack, blocked: Buffer): void {
  frame.writeBigUInt64LE(BigInt(endHandler), 0);
  const context = frame.subarray(WORD);
  context.writeBigUInt64LE(UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS, 0);
  // A mode that does not exist: the kernel refuses it, and the alternate signal stack stays as it is.
  context.writeUInt32LE(0x7f, STACK_FLAGS);
  CONTEXT_REGISTERS.forEach((register, index) => {
    registers.copy(context, CONTEXT + index * WORD, register * WORD, (register + 1) * WORD);
  });
  const segments = CONTEXT + CONTEXT_REGISTERS.length * WORD;
  context.writeUInt16LE(Number(registers.readBigUInt64LE(CS * WORD)), segments);
  context.writeUInt16LE(Number(registers.readBigUInt64LE(SS * WORD)), segments + 6);
  // No floating-point state: across the call that most threads wait in, none is kept.
  blocked.copy(context, SIGMASK);
}

const WORD = 8;
/** asm/user_64.h */
const RAX = 10;
const RDI = 14;
const RIP = 16;
const CS = 17;
const RSP = 19;
const SS = 20;
/** struct sigcontext_64, from its start: r8 … r15, di, si, bp, bx, dx, ax, cx, sp, ip, flags, by their place in user_64.h. */
const CONTEXT_REGISTERS = [9, 8, 7, 6, 3, 2, 1, 0, 14, 13, 4, 5, 12, 10, 11, 19, 16, 18];
/** struct ucontext: flags, link, stack (pointer, flags, size), sigcontext (256 bytes), blocked signals. */
const STACK_FLAGS = 24;
const CONTEXT = 40;
const SIGMASK = CONTEXT + 256;
/** asm/ucontext.h */
const UC_SIGCONTEXT_SS = 0x2n;
const UC_STRICT_RESTORE_SS = 0x4n;
/** The System V ABI lets functions use so much below the stack pointer. */
const RED_ZONE_BYTES = 128;
/** Return address and ucontext, rounded; the rest of rt_sigframe is not read. */
const FRAME_BYTES = 512;
