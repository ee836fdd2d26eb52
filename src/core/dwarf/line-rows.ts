/** Running a line number program: addresses to file, line and column (DWARF 5, section 6.2.5). */
import { lastAtOrBelow } from "../base/bisect.js";
import { DwarfCursor } from "./dwarf-cursor.js";
import type { DwarfSections } from "./dwarf-sections.js";
import type { LineHeader } from "./line-header.js";

/** Rows as columns, one run of them for each sequence; neighbouring rows of the same position are merged. */
export interface LineRows {
  readonly addresses: Float64Array;
  readonly files: Uint32Array;
  readonly lines: Uint32Array;
  readonly columns: Uint16Array;
  /** Sequences by ascending end address: [low, high) and their rows [first, end). */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly firsts: Uint32Array;
  readonly ends: Uint32Array;
}

/** The row that holds at the address, or -1. */
export function rowAt(rows: LineRows, address: number): number {
  const sequence = lastAtOrBelow(rows.highs, address) + 1;
  if (sequence >= rows.highs.length || address < rows.lows[sequence]!) return -1;
  const first = rows.firsts[sequence]!;
  const row = lastAtOrBelow(rows.addresses.subarray(first, rows.ends[sequence]), address);
  return row < 0 ? -1 : first + row;
}

/** Throws InputError when the program runs over its end. `rows` is room to work in, which one program after the other uses. */
export function readLineRows(sections: DwarfSections, header: LineHeader, rows: RowList): LineRows {
  const { program, end } = header;
  const bytes = sections.line.need(program, end - program);
  const cursor = new DwarfCursor(bytes, program, end, sections.littleEndian, ".debug_line program");
  rows.clear();
  runProgram(bytes, cursor, header, rows);
  return rows.table();
}

/** The state machine. VLIW operation indices and the flags of a row are of no use here. */
function runProgram(bytes: Uint8Array, cursor: DwarfCursor, header: LineHeader, rows: RowList): void {
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength: unit, opcodeLengths } = header;
  const steps = (adjusted: number): number => (lineRange === 0 ? 0 : Math.floor(adjusted / lineRange) * unit);
  const addressSteps = Float64Array.from({ length: 256 }, (_, opcode) => steps(opcode - opcodeBase));
  const lineSteps = Int32Array.from({ length: 256 }, (_, opcode) =>
    lineRange === 0 ? 0 : lineBase + ((opcode - opcodeBase) % lineRange),
  );
  const constantStep = steps(255 - opcodeBase);
  let address = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  const { end } = header;
  for (let at = header.program; at < end; at = cursor.at) {
    const opcode = bytes[at]!;
    cursor.at = at + 1;
    if (opcode >= opcodeBase) {
      address += addressSteps[opcode]!;
      line += lineSteps[opcode]!;
      rows.add(address, file, line, column);
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = cursor.uleb();
        const next = cursor.at + length;
        const extended = length === 0 ? 0 : cursor.u8();
        if (extended === EXTENDED.end_sequence) {
          rows.endSequence(address);
          address = 0;
          file = 1;
          line = 1;
          column = 0;
        } else if (extended === EXTENDED.set_address) {
          address = cursor.sized(length - 1);
        }
        cursor.advance(next - cursor.at);
        break;
      }
      case STANDARD.copy:
        rows.add(address, file, line, column);
        break;
      case STANDARD.advance_pc:
        address += cursor.uleb() * unit;
        break;
      case STANDARD.advance_line:
        line += cursor.sleb();
        break;
      case STANDARD.set_file:
        file = cursor.uleb();
        break;
      case STANDARD.set_column:
        column = cursor.uleb();
        break;
      case STANDARD.const_add_pc:
        address += constantStep;
        break;
      case STANDARD.fixed_advance_pc:
        address += cursor.u16();
        break;
      default:
        for (let count = opcodeLengths[opcode - 1] ?? 0; count > 0; count--) cursor.skipLeb();
    }
  }
}

/** Rows of one program as it runs. Sequences outside of code, as the linker drops them, are left out. */
export class RowList {
  private addresses = new Float64Array(1024);
  private files = new Uint32Array(1024);
  private lines = new Uint32Array(1024);
  private columns = new Uint16Array(1024);
  private count = 0;
  private first = 0;
  private sequences: { low: number; high: number; first: number; end: number }[] = [];

  constructor(private readonly isCode: (address: number) => boolean) {}

  clear(): void {
    this.count = this.first = 0;
    this.sequences = [];
  }

  /** Of several rows at one address the last holds. */
  add(address: number, file: number, line: number, column: number): void {
    const previous = this.count - 1;
    if (previous >= this.first) {
      if (this.addresses[previous] === address) this.count = previous;
      else if (
        this.lines[previous] === line &&
        this.files[previous] === file &&
        this.columns[previous] === (column & 0xffff)
      )
        return;
    }
    if (this.count === this.addresses.length) this.grow();
    const at = this.count++;
    this.addresses[at] = address;
    this.files[at] = file;
    this.lines[at] = line;
    this.columns[at] = column;
  }

  endSequence(high: number): void {
    const { first, count } = this;
    const low = this.addresses[first]!;
    if (count > first && low < high && this.isCode(low)) this.sequences.push({ low, high, first, end: count });
    else this.count = first;
    this.first = this.count;
  }

  table(): LineRows {
    const sequences = this.sequences.sort((a, b) => a.high - b.high);
    return {
      addresses: this.addresses.slice(0, this.first),
      files: this.files.slice(0, this.first),
      lines: this.lines.slice(0, this.first),
      columns: this.columns.slice(0, this.first),
      lows: Float64Array.from(sequences, ({ low }) => low),
      highs: Float64Array.from(sequences, ({ high }) => high),
      firsts: Uint32Array.from(sequences, ({ first }) => first),
      ends: Uint32Array.from(sequences, ({ end }) => end),
    };
  }

  private grow(): void {
    const length = this.addresses.length * 2;
    const grown = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.addresses = grown(new Float64Array(length), this.addresses);
    this.files = grown(new Uint32Array(length), this.files);
    this.lines = grown(new Uint32Array(length), this.lines);
    this.columns = grown(new Uint16Array(length), this.columns);
  }
}

const STANDARD = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  set_column: 5,
  const_add_pc: 8,
  fixed_advance_pc: 9,
} as const;
const EXTENDED = { end_sequence: 1, set_address: 2 } as const;
