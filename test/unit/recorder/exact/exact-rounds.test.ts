/** Where the kernel has no exact rounds: its answers, as older kernels and filters give them. */
import { constants } from "node:os";
import { expect, it } from "vitest";
import { exactRounds } from "../../../../src/recorder/exact/exact-rounds.js";
import type { CallName } from "../../../../src/recorder/inject/machine-calls.js";

async function armed(
  refused: CallName,
  errno: number,
): Promise<{ armed: boolean; said: string[]; called: CallName[] }> {
  const said: string[] = [];
  const called: CallName[] = [];
  const rounds = exactRounds(
    process.pid,
    {
      run: () => Promise.resolve([]),
      runPlain: (calls) => {
        called.push(...calls.map(({ name }) => name));
        return Promise.resolve(calls.map(({ name }) => (name === refused ? -errno : 0)));
      },
      close: () => Promise.resolve(),
    },
    (sentence) => said.push(sentence),
  );
  const result = await rounds.arm();
  await rounds.disarm();
  return { armed: result, said, called };
}

it("a kernel that cannot keep descriptors apart is asked for nothing more", async () => {
  const answer = await armed("close_range", constants.errno.ENOSYS);
  expect(answer).toMatchObject({ armed: false, called: ["close_range"] });
  expect(answer.said).toEqual([expect.stringMatching(/close_range: ENOSYS; Linux 6\.7 or later/)]);
});

it("a kernel without userfaultfd is named in one sentence, and nothing stays open", async () => {
  const answer = await armed("userfaultfd", constants.errno.EPERM);
  expect(answer).toMatchObject({ armed: false, called: ["close_range", "userfaultfd"] });
  expect(answer.said).toEqual([expect.stringMatching(/userfaultfd: EPERM/)]);
});

it("where no memory can be had for the question, what was opened is closed again", async () => {
  const answer = await armed("mmap", constants.errno.ENOMEM);
  expect(answer.armed).toBe(false);
  expect(answer.called).toEqual(["close_range", "userfaultfd", "mmap", "close"]);
  expect(answer.said).toHaveLength(1);
});
