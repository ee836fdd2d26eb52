/** The calling thread's ids alone: libc's own calls change all threads at once. */
import { checked, libc } from "./libc.js";

export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

interface Numbers {
  readonly setgroups: number;
  readonly setresgid: number;
  readonly setresuid: number;
}

const GENERIC: Numbers = { setgroups: 159, setresgid: 149, setresuid: 147 };
const SYSTEM_CALLS: Readonly<Record<string, Numbers>> = {
  x64: { setgroups: 116, setresgid: 119, setresuid: 117 },
  arm64: GENERIC,
  riscv64: GENERIC,
  loong64: GENERIC,
};
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

const setIds = libc.func("long syscall(long number, long real, long effective, long saved)");
const setGroups = libc.func("long syscall(long number, long count, void *groups)");
const prctl = libc.func("int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)");

/** Whether this machine's numbers are known. */
export function canBorrowIdentity(): boolean {
  return SYSTEM_CALLS[process.arch] !== undefined;
}

/**
 * Runs `work` (synchronous) on this thread as somebody else; only root may. The saved uid stays 0, which is how the
 * thread finds its way back; a program started meanwhile loses it and every capability at its exec (capabilities(7)).
 */
export function asIdentity<T>(identity: Identity, work: () => T): T {
  const numbers = SYSTEM_CALLS[process.arch]!;
  const before = process.getgroups?.() ?? [];
  const gid = process.getgid?.() ?? 0;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  checked("setgroups", setGroups(numbers.setgroups, identity.groups.length, groupList(identity.groups)));
  try {
    checked("setresgid", setIds(numbers.setresgid, identity.gid, identity.gid, gid));
    checked("setresuid", setIds(numbers.setresuid, identity.uid, identity.uid, 0));
    return work();
  } finally {
    checked("setresuid", setIds(numbers.setresuid, 0, 0, 0));
    checked("setresgid", setIds(numbers.setresgid, gid, gid, gid));
    checked("setgroups", setGroups(numbers.setgroups, before.length, groupList(before)));
  }
}

/** gid_t has 32 bits. */
function groupList(groups: readonly number[]): Buffer {
  const list = Buffer.allocUnsafeSlow(4 * Math.max(groups.length, 1));
  groups.forEach((group, index) => list.writeUInt32LE(group, 4 * index));
  return list;
}
