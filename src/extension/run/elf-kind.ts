/** Whether a file is a program, by the beginning of it. */

/** Enough for the header and the program headers of every linker's output. */
export const ELF_HEAD_BYTES = 4096;

/**
 * A program that can be run: of a machine this one runs, with an interpreter or with fixed addresses.
 * @param head the first bytes of the file. @param machines e_machine values that run here.
 */
export function isProgram(head: Uint8Array, machines: readonly number[]): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < SMALLEST_HEADER || view.getUint32(0) !== MAGIC) return false;
  const wide = head[4] === CLASS_64;
  const little = head[5] === LITTLE;
  const type = view.getUint16(16, little);
  if (!machines.includes(view.getUint16(18, little))) return false;
  if (type === ET_EXEC) return true;
  if (type !== ET_DYN || (wide && head.length < HEADER_64)) return false;
  const offset = wide ? Number(view.getBigUint64(32, little)) : view.getUint32(28, little);
  const size = view.getUint16(wide ? 54 : 42, little);
  const count = view.getUint16(wide ? 56 : 44, little);
  for (let index = 0; index < count; index++) {
    const at = offset + index * size;
    // Headers that lie elsewhere, or not in the file at all, are those of no common program.
    if (!(size > 0 && at + 4 <= head.length)) return false;
    if (view.getUint32(at, little) === PT_INTERP) return true;
  }
  return false;
}

/** e_machine values (elf.h) of what runs on a machine of Node's name for it. */
export function machinesOf(arch: string): readonly number[] {
  return MACHINES[arch] ?? [];
}

const MACHINES: Readonly<Record<string, readonly number[]>> = {
  x64: [62, 3],
  ia32: [3],
  arm64: [183, 40],
  arm: [40],
  riscv64: [243],
  loong64: [258],
  ppc64: [21],
  s390x: [22],
};
const MAGIC = 0x7f_45_4c_46;
const CLASS_64 = 2;
const LITTLE = 1;
const ET_EXEC = 2;
const ET_DYN = 3;
const PT_INTERP = 3;
const SMALLEST_HEADER = 52;
const HEADER_64 = 64;
