import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseMaps } from "../../../../src/core/proc/maps.js";

describe("/proc/PID/maps", () => {
  it("gives every line of a real process but [vsyscall], which lies above 2^53", () => {
    const text = readFileSync("/proc/self/maps", "utf8");
    const lines = text.split("\n").filter((line) => line !== "" && !line.includes("[vsyscall]"));
    const mappings = parseMaps(text);
    const digits = (address: number): string => address.toString(16).padStart(8, "0");
    expect(mappings.map(({ start, end }) => `${digits(start)}-${digits(end)}`)).toEqual(
      lines.map((line) => line.split(" ")[0]),
    );
  });

  it("reads all fields, and names with spaces and newlines", () => {
    const line = "5580aa000000-5580aa001000 r-xs 00002000 fd:1a 1234                       /tmp/a b\\012c (deleted)";
    expect(parseMaps(line)).toEqual([
      {
        start: 0x5580_aa00_0000,
        end: 0x5580_aa00_1000,
        readable: true,
        writable: false,
        executable: true,
        shared: true,
        fileOffset: 0x2000,
        device: { major: 0xfd, minor: 0x1a },
        inode: 1234,
        name: "/tmp/a b\nc (deleted)",
      },
    ]);
  });

  it("leaves out what it does not understand", () => {
    expect(parseMaps("nonsense\n\n12-34 rwxq 0 0:0 0\n")).toEqual([]);
  });
});
