/** Starting a program with posix_spawn(3), from the calling thread, so that it inherits that thread's perf events. */
import koffi from "koffi";
import { libc, SystemCallError } from "./libc.js";

export interface SpawnOrder {
  /** The file to execute. */
  readonly path: string;
  readonly argv: readonly (string | Uint8Array)[];
  /** NAME=value, in order. */
  readonly environment: readonly (string | Uint8Array)[];
  /** Descriptors the program gets under the same number; all others must be close-on-exec. */
  readonly descriptors: readonly number[];
  /** Descriptors of ours that the program gets under another number: its standard streams. */
  readonly streams?: readonly { readonly from: number; readonly to: number }[];
}

/** Sizes with room to spare: glibc's are 336 and 80 bytes, musl's the same or less. */
const ATTRIBUTES_BYTES = 512;
const FILE_ACTIONS_BYTES = 256;
/** sigset_t of glibc and musl. */
const SIGNAL_SET_BYTES = 128;
const POSIX_SPAWN_SETSIGDEF = 4;
const POSIX_SPAWN_SETSIGMASK = 8;

const posixSpawn = libc.func(
  "int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, void *argv, void *environment)",
);
const attributesInit = libc.func("int posix_spawnattr_init(void *attributes)");
const setFlags = libc.func("int posix_spawnattr_setflags(void *attributes, short flags)");
const setMask = libc.func("int posix_spawnattr_setsigmask(void *attributes, void *set)");
const setDefault = libc.func("int posix_spawnattr_setsigdefault(void *attributes, void *set)");
const attributesDestroy = libc.func("int posix_spawnattr_destroy(void *attributes)");
const actionsInit = libc.func("int posix_spawn_file_actions_init(void *actions)");
const addDup2 = libc.func("int posix_spawn_file_actions_adddup2(void *actions, int from, int to)");
const actionsDestroy = libc.func("int posix_spawn_file_actions_destroy(void *actions)");
const emptySet = libc.func("int sigemptyset(void *set)");

/**
 * Pid of the running program: when this returns, its exec has succeeded. All signals have their default action and none
 * is blocked, whatever the runtime did to ours. Throws SystemCallError with exec's own error.
 */
export function spawnProgram(order: SpawnOrder): number {
  const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
  const actions = Buffer.alloc(FILE_ACTIONS_BYTES);
  const signals = Buffer.alloc(SIGNAL_SET_BYTES);
  attributesInit(attributes);
  actionsInit(actions);
  try {
    setFlags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    emptySet(signals);
    setMask(attributes, signals);
    // All bits, not sigfillset: glibc keeps two signals to itself and would have the program ignore them.
    setDefault(attributes, signals.fill(0xff));
    // Onto itself: that takes close-on-exec off (POSIX, issue 8), in the program only.
    for (const fd of order.descriptors) addDup2(actions, fd, fd);
    for (const { from, to } of order.streams ?? []) addDup2(actions, from, to);
    const pid: [number] = [0];
    const argv = cStrings(order.argv);
    const environment = cStrings(order.environment);
    const error = posixSpawn(pid, order.path, actions, attributes, argv, environment) as number;
    if (error !== 0) throw new SystemCallError("posix_spawn", error);
    return pid[0];
  } finally {
    actionsDestroy(actions);
    attributesDestroy(attributes);
  }
}

/** A zero-terminated array of pointers, and behind it, in the same memory, the strings. */
function cStrings(strings: readonly (string | Uint8Array)[]): Buffer {
  const encoded = strings.map((text) => (typeof text === "string" ? Buffer.from(text) : text));
  const pointerBytes = 8 * (encoded.length + 1);
  // Never pooled and never on the JavaScript heap: its address stays.
  const block = Buffer.allocUnsafeSlow(encoded.reduce((sum, text) => sum + text.length + 1, pointerBytes)).fill(0);
  const base = koffi.address(block);
  let at = pointerBytes;
  encoded.forEach((text, index) => {
    block.writeBigUInt64LE(base + BigInt(at), 8 * index);
    block.set(text, at);
    at += text.length + 1;
  });
  return block;
}
