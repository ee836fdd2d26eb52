/** What an indirect call could lead to: functions whose address is taken, those first that stand where the call looks. */
import type { ImageObject } from "../image/image.js";
import { nameOf, type CodeRange } from "./function-index.js";
import type { Candidate } from "./reached.js";
import type { ReachFile } from "./reach-file.js";
import type { IndirectCall } from "./references.js";

export interface CandidateFunction extends Candidate {
  readonly range: CodeRange;
}

export class Candidates {
  private readonly byTable = new Map<number, CandidateFunction[]>();
  private readonly byVtable = new Map<number, CandidateFunction[]>();
  private readonly taken = new Map<number, CodeRange>();

  /** Reads all code of the file. */
  constructor(private readonly file: ReachFile) {
    const { pointers, image } = file;
    /** Address points of vtables: what follows the pointer to the type's description. */
    let addressPoint: number | undefined;
    let holder: ImageObject | undefined;
    for (const { slot, target, symbol } of pointers.everywhere()) {
      const section = image.sectionAt(slot)?.name ?? "";
      if (NO_TABLE.test(section)) continue;
      if (holder === undefined || slot >= holder.address + holder.size) {
        holder = image.objectAt(slot);
        addressPoint = undefined;
      }
      const place = target ?? file.exported(file.dynamicName(symbol));
      const range = place === undefined ? undefined : file.functions.at(place);
      if (place !== undefined && isTypeDescription(file, place)) addressPoint = slot + POINTER;
      if (range === undefined || range.address !== place || range.kind !== "function") continue;
      if (addressPoint !== undefined) add(this.byVtable, slot - addressPoint, candidate(range, "vtable"));
      else if (holder?.symbol !== undefined) add(this.byTable, slot - holder.address, candidate(range, "table"));
      this.taken.set(range.address, range);
    }
    for (const [range, { references }] of file.code.everything()) {
      for (const { kind, target } of references) {
        const taken = kind === "address" ? file.functions.at(target) : undefined;
        if (taken?.address === target && taken !== range) this.taken.set(target, taken);
      }
    }
  }

  /** The likely ones; each function once. */
  of(call: IndirectCall): readonly CandidateFunction[] {
    const first = call.slot === undefined ? undefined : this.file.pointers.at(call.slot)?.target;
    const initial = first === undefined ? undefined : this.file.functions.at(first);
    const ranked = [
      ...(initial === undefined ? [] : [candidate(initial, "variable")]),
      ...(call.offset === undefined ? [] : (this.byVtable.get(call.offset) ?? [])),
      ...(call.offset === undefined ? [] : (this.byTable.get(call.offset) ?? [])),
    ];
    const seen = new Set<number>();
    return ranked.filter(({ address }) => !seen.has(address) && seen.add(address));
  }

  /** Every function that a pointer could lead to. */
  all(): readonly CodeRange[] {
    return [...this.taken.values()];
  }
}

function candidate(range: CodeRange, from: Candidate["from"]): CandidateFunction {
  return {
    get name() {
      return nameOf(range);
    },
    address: range.address,
    from,
    range,
  };
}

function add(map: Map<number, CandidateFunction[]>, key: number, value: CandidateFunction): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** _ZTI is "typeinfo for" in the Itanium ABI's names. */
function isTypeDescription({ image }: ReachFile, address: number): boolean {
  return image.objectAt(address)?.symbol?.startsWith("_ZTI") === true;
}

/** Tables of the loader's own calls. */
const NO_TABLE = /^\.(?:got|init_array|fini_array|preinit_array|ctors|dtors|dynamic)/;
const POINTER = 8;
