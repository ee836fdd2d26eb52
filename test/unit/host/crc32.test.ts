/** The checksum of debug files against zlib's own. */
import { crc32 as ofZlib } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32 } from "../../../src/host/crc32.js";

it("is zlib's, for any bytes in any two pieces", () => {
  const anyBytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(anyBytes, anyBytes, (first, second) => {
      const whole = Buffer.concat([first, second]);
      expect(crc32(second, crc32(first, 0))).toBe(ofZlib(whole));
    }),
  );
});

it("of the digits 1 to 9 is the check value of its definition", () => {
  expect(crc32(new TextEncoder().encode("123456789"), 0)).toBe(0xcbf43926);
});
