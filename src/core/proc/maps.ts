/** /proc/PID/maps (proc(5)): the mappings of a process. */

export interface ProcMapping {
  readonly start: number;
  readonly end: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  readonly shared: boolean;
  /** Byte of the file at `start`. */
  readonly fileOffset: number;
  readonly device: { readonly major: number; readonly minor: number };
  /** 0 where there is no file. */
  readonly inode: number;
  /** Path, "[heap]", "[stack]" …; empty for anonymous memory. */
  readonly name: string;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([sp]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+)\s*(.*)$/;

/** In address order; lines it does not understand, and addresses above 2^53 ([vsyscall]), are left out. */
export function parseMaps(text: string): ProcMapping[] {
  return text.split("\n").flatMap((line) => {
    const found = LINE.exec(line);
    if (found === null) return [];
    const [, start, end, read, write, execute, share, offset, major, minor, inode, name] = found.map(String);
    const mapping = {
      start: hex(start),
      end: hex(end),
      readable: read === "r",
      writable: write === "w",
      executable: execute === "x",
      shared: share === "s",
      fileOffset: hex(offset),
      device: { major: hex(major), minor: hex(minor) },
      inode: Number(inode),
      // The kernel writes a newline in a path as \012 (seq_path).
      name: name!.replaceAll("\\012", "\n"),
    };
    return Number.isSafeInteger(mapping.end) ? [mapping] : [];
  });
}

function hex(text: string | undefined): number {
  return Number.parseInt(text ?? "", 16);
}
