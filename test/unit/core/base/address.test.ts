import fc from "fast-check";
import { expect, it } from "vitest";
import { addressNumber, addressOf, granuleOfHalves, hexAddress } from "../../../../src/core/base/address.js";

it("prints every 64-bit address exactly as hexadecimal does", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (address) => {
      const low = Number(address & 0xffff_ffffn);
      const high = Number(address >> 32n);
      expect(hexAddress(granuleOfHalves(low, high), low & 0xfff)).toBe(address.toString(16));
    }),
  );
});

it("takes user-space numbers apart and puts them together again", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (value) => {
      const { granule, offset } = addressOf(value);
      expect(addressNumber(granule, offset)).toBe(value);
    }),
  );
});
