/**
 * Every page an interval touches as a fault of its own: userfaultfd(2), registered for asynchronous write protection from
 * our process inside the target. In such mappings the kernel maps one page a fault, and not those around it in the file
 * as well (mm/memory.c, should_fault_around). Nothing is protected: what was evicted faults by itself, and perf sees
 * where. The descriptor is in a table of ours alone, so that the target's numbers stay as they are, and all of it goes
 * with our process, however that ends.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { mappingFacts, type MappingFacts } from "../evict/mapping-facts.js";
import type { PlainCall } from "../inject/call-messages.js";

/** The number of a mistake, or how many mappings are armed; some cannot be: those of files that may not be written. */
export type Armed =
  | { readonly kind: "armed"; readonly mappings: number }
  | { readonly kind: "refused"; readonly call: "close_range" | "userfaultfd" | "memory"; readonly errno: number };

/** Makes calls inside the target; results in order, negative error numbers. */
type RunCalls = (calls: readonly PlainCall[]) => Promise<readonly number[]>;

export class ExactPages {
  /** The descriptor in our process inside the target. */
  private descriptor: number | undefined;
  private apart = false;

  constructor(
    private readonly pid: number,
    private readonly run: RunCalls,
  ) {}

  /** From now on, until `disarm`. Throws what the calls throw. */
  async arm(): Promise<Armed> {
    const refusal = await this.open();
    if (refusal !== undefined) return refusal;
    const wanted = mappingFacts(this.pid).filter(isWanted).slice(0, MOST_MAPPINGS);
    const requests = wanted.map(({ start, end }) => registration(start, end - start));
    const results = await this.withStructures(REGISTER, requests);
    return { kind: "armed", mappings: results.filter((result) => result === 0).length };
  }

  /** The kernel forgets what was armed; never throws for what was not. */
  async disarm(): Promise<void> {
    if (this.descriptor === undefined) return;
    const parameters = [this.descriptor];
    this.descriptor = undefined;
    await this.run([{ name: "close", parameters }]);
  }

  private async open(): Promise<Armed | undefined> {
    if (this.descriptor !== undefined) return undefined;
    if (!this.apart) {
      // A table of our own, with nothing in it: what the target closes is closed.
      const [unshared = 0] = await this.run([{ name: "close_range", parameters: [0, EVERY, CLOSE_RANGE_UNSHARE] }]);
      if (unshared < 0) return { kind: "refused", call: "close_range", errno: -unshared };
      this.apart = true;
    }
    const [opened = 0] = await this.run([{ name: "userfaultfd", parameters: [O_CLOEXEC | USER_MODE_ONLY] }]);
    if (opened < 0) return { kind: "refused", call: "userfaultfd", errno: -opened };
    this.descriptor = opened;
    const [agreed] = await this.withStructures(API, [handshake()]);
    if (agreed === 0) return undefined;
    await this.disarm();
    if (agreed === undefined) return { kind: "refused", call: "memory", errno: 0 };
    return { kind: "refused", call: "userfaultfd", errno: -agreed };
  }

  /** One ioctl with each structure, in memory that the target has for that long only; empty: it cannot be had. */
  private async withStructures(request: number, structures: readonly Buffer[]): Promise<readonly number[]> {
    const bytes = Buffer.concat(structures);
    const mapping = [FAR_AWAY, bytes.length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0];
    const [at = -1] = await this.run([{ name: "mmap", parameters: mapping }]);
    if (at < 0) return [];
    const written = writeInto(this.pid, at, bytes);
    let offset = 0;
    const calls = structures.map(({ length }): PlainCall => {
      const parameters = [this.descriptor ?? -1, request, at + offset];
      offset += length;
      return { name: "ioctl", parameters };
    });
    const results = await this.run([...(written ? calls : []), { name: "munmap", parameters: [at, bytes.length] }]);
    return results.slice(0, -1);
  }
}

/** Memory of no file comes in page by page anyway, unless it was swapped out in larger pieces. */
function isWanted({ special, inode, resident, swapped }: MappingFacts): boolean {
  return !special && (inode !== 0 || resident > 0 || swapped > 0);
}

/** linux/userfaultfd.h: struct uffdio_api */
function handshake(): Buffer {
  return words(UFFD_API, FEATURE_WP_ASYNC, 0);
}

/** struct uffdio_register */
function registration(start: number, length: number): Buffer {
  return words(start, length, REGISTER_MODE_WP, 0);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * BigUint64Array.BYTES_PER_ELEMENT);
  // Both machines that calls are made on are little-endian.
  values.forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), index * BigUint64Array.BYTES_PER_ELEMENT));
  return bytes;
}

function writeInto(pid: number, at: number, bytes: Buffer): boolean {
  let memory: number;
  try {
    memory = openSync(`/proc/${pid}/mem`, "r+");
  } catch {
    return false; // Not ours to write: then there are no exact rounds.
  }
  try {
    return writeSync(memory, bytes, 0, bytes.length, at) === bytes.length;
  } catch {
    return false; // Gone.
  } finally {
    closeSync(memory);
  }
}

/** Beyond these, mappings keep what the kernel does otherwise: more rounds, and no page less. */
const MOST_MAPPINGS = 4096;
/** Where no program's own mappings are looked for next, so that they get the addresses they would have got. */
const FAR_AWAY = 0x2000_0000_0000;
/** asm-generic/mman-common.h */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS = 0x20;
/** linux/close_range.h; every descriptor there can be. */
const CLOSE_RANGE_UNSHARE = 2;
const EVERY = 0xffff_ffff;
/** asm-generic/fcntl.h */
const O_CLOEXEC = 0o2000000;
/** linux/userfaultfd.h: what everybody may have; write protection that resolves itself is from Linux 6.7. */
const USER_MODE_ONLY = 1;
const UFFD_API = 0xaa;
const FEATURE_WP_ASYNC = 1 << 15;
const REGISTER_MODE_WP = 2;
const API = 0xc018aa3f;
const REGISTER = 0xc020aa00;
