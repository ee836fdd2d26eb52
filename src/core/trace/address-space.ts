/** One state of a process's mappings: an immutable tree, so that fork shares it and every moment stays at hand. */
import type { Mapping } from "./trace.js";

/** A treap ordered by address; its mappings never overlap. An empty address space is undefined. */
export interface AddressSpace {
  readonly mapping: Mapping;
  readonly priority: number;
  readonly left: AddressSpace | undefined;
  readonly right: AddressSpace | undefined;
}

/** The mapping that covers the address. */
export function mappingAt(space: AddressSpace | undefined, address: number): Mapping | undefined {
  for (let node = space; node !== undefined;) {
    if (address < node.mapping.start) node = node.left;
    else if (address < node.mapping.end) return node.mapping;
    else node = node.right;
  }
  return undefined;
}

/** The space with one more mapping, which replaces what was there: older mappings are cut at its edges. */
export function withMapping(space: AddressSpace | undefined, mapping: Mapping, priority: number): AddressSpace {
  const [below, rest] = split(space, mapping.start);
  const [, above] = split(rest, mapping.end);
  return join(join(below, { mapping, priority, left: undefined, right: undefined }), above)!;
}

type Halves = readonly [AddressSpace | undefined, AddressSpace | undefined];

/** What lies below the address and what lies at or above it; a mapping across it is cut in two. */
function split(space: AddressSpace | undefined, address: number): Halves {
  if (space === undefined) return [undefined, undefined];
  const { mapping } = space;
  if (mapping.end <= address) {
    const [low, high] = split(space.right, address);
    return [{ ...space, right: low }, high];
  }
  if (mapping.start >= address) {
    const [low, high] = split(space.left, address);
    return [low, { ...space, left: high }];
  }
  const lower = { ...mapping, end: address };
  const upper = { ...mapping, start: address, fileOffset: mapping.fileOffset + (address - mapping.start) };
  return [
    { ...space, mapping: lower, right: undefined },
    join({ ...space, mapping: upper, left: undefined, right: undefined }, space.right)!,
  ];
}

/** Both spaces in one; all of `low` lies below all of `high`. */
function join(low: AddressSpace | undefined, high: AddressSpace | undefined): AddressSpace | undefined {
  if (low === undefined) return high;
  if (high === undefined) return low;
  return low.priority > high.priority
    ? { ...low, right: join(low.right, high) }
    : { ...high, left: join(low, high.left) };
}
