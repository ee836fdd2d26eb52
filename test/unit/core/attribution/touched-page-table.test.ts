import fc from "fast-check";
import { expect, it } from "vitest";
import { TouchedPageTable } from "../../../../src/core/attribution/touched-page-table.js";
import { FaultColumns } from "../../../../src/core/trace/fault-columns.js";
import { FaultFlag } from "../../../../src/core/trace/fault-table.js";

const page = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 2 ** 40, max: 2 ** 47 }));
const fault = fc.record({ page, flags: fc.constantFrom(0, FaultFlag.Major, FaultFlag.KindUnknown) });
const run = fc.record({
  pid: fc.integer({ min: 1, max: 4 }),
  region: fc.nat(2),
  faults: fc.array(fault, { minLength: 1, maxLength: 40 }),
});

it.each([1, 16])(
  "counts like a map of strings does, however many pages of %i granules there are",
  (granulesPerPage) => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 200 }), (runs) => {
        const table = new TouchedPageTable(granulesPerPage);
        const columns = new FaultColumns(runs.length * 40);
        const keys: string[] = [];
        const rows: number[] = [];
        for (const { pid, region, faults } of runs) {
          const first = keys.length;
          for (const { page, flags } of faults) {
            const at = keys.push(`${pid} ${page} ${region}`) - 1;
            columns.addressGranule[at] = page * granulesPerPage + (at % granulesPerPage);
            columns.flags[at] = flags;
            columns.duration[at] = flags === FaultFlag.KindUnknown ? NaN : 2;
          }
          rows.push(...table.count(pid, region, columns.view(0, keys.length), first, keys.length));
        }
        const pages = table.finish();
        const name = (row: number): string => `${pages.pid[row]!} ${pages.page[row]!} ${pages.region[row]!}`;
        expect(rows.map(name)).toEqual(keys);
        expect(pages.length).toBe(new Set(keys).size);
        const all = runs.flatMap(({ faults }) => faults);
        const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0);
        expect(sum(pages.minor)).toBe(all.filter(({ flags }) => flags === 0).length);
        expect(sum(pages.major)).toBe(all.filter(({ flags }) => flags === FaultFlag.Major).length);
        expect(sum(pages.other)).toBe(all.filter(({ flags }) => flags === FaultFlag.KindUnknown).length);
        expect(sum(pages.timeNs)).toBe(2 * (sum(pages.minor) + sum(pages.major)));
      }),
      { numRuns: 30 },
    );
  },
);
