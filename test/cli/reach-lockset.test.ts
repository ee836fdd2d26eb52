/** `faultline lockset --with-reach` on a program whose event has a branch that no interval takes. */
import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodeLockSet } from "../../src/core/memlock/decode-lock-set.js";
import type { LockSet } from "../../src/core/memlock/lock-set.js";
import { CampaignSession } from "../support/campaign-session.js";

const LONG = 120_000;
const SOURCE = `
#include <unistd.h>
#define OWN_PAGE __attribute__((noinline, aligned(4096)))
__attribute__((aligned(4096))) static const int rare_table[1024] = {1, 2, 3};
__attribute__((aligned(4096))) static int common[1024] = {1};
OWN_PAGE int rare(int x) { return rare_table[x & 1023]; }
OWN_PAGE int unrelated(int x) { return common[x & 1023]; }
OWN_PAGE int handle(int x) { common[5] += x; return x == '!' ? rare(x) : common[x & 1023]; }
OWN_PAGE int main(int argc, char **argv) {
  char byte;
  (void)argv;
  while (read(0, &byte, 1) == 1) {
    common[7] = handle(byte);
    if (write(1, "done\\n", 5) != 5) return 1;
  }
  return argc > 20 ? unrelated(3) : 0;
}
`;
let session: CampaignSession;
let folder: string;

beforeAll(async () => {
  session = await CampaignSession.open();
  folder = session.newFolder();
  writeFileSync(join(folder, "program.c"), SOURCE);
  execFileSync("gcc", ["-O1", "-o", "program", "program.c"], { cwd: folder });
  execFileSync("sync", [join(folder, "program")]);
  chmodSync(join(folder, "program"), 0o755);
}, LONG);

afterAll(() => {
  session.close();
});

function project(critical: readonly string[]): void {
  const content = {
    program: "./program",
    critical,
    stimuli: [{ name: "byte", bytes: "0a" }],
    intervals: [{ name: "one byte", from: { stimulus: "byte" }, to: { output: "done\n" } }],
  };
  writeFileSync(join(folder, "faultline.json"), JSON.stringify(content));
}

/** Link-time addresses of the program's own pages in the set. */
function ownPages({ parts }: LockSet): ReadonlySet<number> {
  const pages = parts
    .filter(({ own }) => own)
    .flatMap(({ ranges }) =>
      ranges.flatMap(({ linkAddress, pages: count }) =>
        Array.from({ length: count }, (_, at) => (linkAddress ?? NaN) + at * 4096),
      ),
    );
  return new Set(pages);
}

function addressOf(symbol: string): number {
  const text = execFileSync("nm", [join(folder, "program")], { encoding: "utf8" });
  return parseInt(new RegExp(`^([0-9a-f]+) \\w ${symbol}$`, "m").exec(text)![1]!, 16);
}

it("locks the branch that no interval took, and names it as not executed", { timeout: LONG }, () => {
  project(["handle"]);
  const without = session.run<LockSet>("lockset", folder, ["--intervals", "3"]).result;
  expect(without.reach).toBeUndefined();
  expect(ownPages(without)).toContain(addressOf("handle"));
  expect(ownPages(without)).not.toContain(addressOf("rare"));

  const { status, result, said } = session.run<LockSet>("lockset", folder, ["--intervals", "3", "--with-reach"]);
  expect(said).not.toContain("disassembled");
  expect(status).toBe(0);
  // Each page was not tried alone: no run needs those of the branch.
  expect(result.verdict).toBe("sufficient");
  expect(result.reach?.notExecuted).toEqual([{ function: "rare", calledFrom: "handle" }]);
  expect(result.reach?.unknownCalls).toBe(0);
  const pages = ownPages(result);
  expect(pages).toContain(addressOf("rare"));
  expect(pages).toContain(addressOf("rare_table"));
  expect(pages).not.toContain(addressOf("unrelated"));
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync("schemas/lockset.schema.json", "utf8")) as object,
  );
  validate(result);
  expect(validate.errors ?? []).toEqual([]);
  expect(decodeLockSet(result)?.reach).toEqual(result.reach);
});

it("says before the search that there is nothing to reach from, or nothing of that name", { timeout: LONG }, () => {
  project([]);
  const nothing = session.run("lockset", folder, ["--with-reach"]);
  expect(nothing.status).toBe(2);
  expect(nothing.said).toContain("There are no critical functions to reach anything from");
  project(["handel"]);
  const misspelt = session.run("lockset", folder, ["--intervals", "1", "--with-reach"]);
  expect(misspelt.status).toBe(2);
  expect(misspelt.said).toContain("There is no function handel in");
});
