import fc from "fast-check";
import { expect, it } from "vitest";
import { TouchedPageTable } from "../../../../src/core/attribution/touched-page-table.js";

it("counts like a map of strings does, however many pages there are", () => {
  const fault = fc.record({
    pid: fc.integer({ min: 1, max: 4 }),
    page: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 2 ** 40, max: 2 ** 51 })),
    region: fc.nat(2),
    kind: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(fault, { maxLength: 4000 }), (faults) => {
      const table = new TouchedPageTable();
      const expected = new Map<string, number>();
      for (const { pid, page, region, kind } of faults) {
        table.count(table.row(pid, page, region), kind, 2);
        const key = `${pid} ${page} ${region}`;
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const pages = table.finish();
      const counted = Array.from({ length: pages.length }, (_, row): [string, number] => [
        `${pages.pid[row]!} ${pages.page[row]!} ${pages.region[row]!}`,
        pages.minor[row]! + pages.major[row]! + pages.other[row]!,
      ]);
      expect(new Map(counted)).toEqual(expected);
      expect(pages.timeNs.reduce((sum, ns) => sum + ns, 0)).toBe(2 * faults.length);
    }),
    { numRuns: 30 },
  );
});
