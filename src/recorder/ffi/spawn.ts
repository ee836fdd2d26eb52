/** posix_spawn(3): a child that Node's own child handling does not know, so that it cannot take its stops for its end. */
import koffi from "koffi";

export interface SpawnRequest {
  /** Absolute path. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Descriptor numbers in the child, by those here. 0, 1 and 2 are always passed on. */
  readonly descriptors: readonly { readonly here: number; readonly there: number }[];
}

/** The child's pid; or the error number, negative. */
export function spawnUnwatched(request: SpawnRequest): number {
  const libc = koffi.load(null);
  const actions = Buffer.alloc(OPAQUE_BYTES);
  const attributes = Buffer.alloc(OPAQUE_BYTES);
  const signals = Buffer.alloc(OPAQUE_BYTES);
  libc.func("int posix_spawn_file_actions_init(void *actions)")(actions);
  const duplicate = libc.func("int posix_spawn_file_actions_adddup2(void *actions, int here, int there)");
  // Onto itself: that clears close-on-exec, which Node sets on the standard streams.
  for (const stream of [0, 1, 2]) duplicate(actions, stream, stream);
  for (const { here, there } of request.descriptors) duplicate(actions, here, there);
  libc.func("int posix_spawnattr_init(void *attributes)")(attributes);
  // Node ignores SIGPIPE, and that would be inherited.
  libc.func("int sigemptyset(void *signals)")(signals);
  const setMask = libc.func("int posix_spawnattr_setsigmask(void *attributes, void *signals)");
  setMask(attributes, signals);
  libc.func("int sigaddset(void *signals, int signal)")(signals, SIGPIPE);
  libc.func("int posix_spawnattr_setsigdefault(void *attributes, void *signals)")(attributes, signals);
  libc.func("int posix_spawnattr_setflags(void *attributes, short flags)")(attributes, SETSIGDEF | SETSIGMASK);
  const spawn = libc.func(
    "int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, const char **argv, const char **envp)",
  );
  const pid = [0];
  const environment = Object.entries(request.environment).map(([name, value]) => `${name}=${value}`);
  const failed = Number(
    spawn(pid, request.program, actions, attributes, [...request.argv, null], [...environment, null]),
  );
  libc.func("int posix_spawn_file_actions_destroy(void *actions)")(actions);
  return failed === 0 ? pid[0]! : -failed;
}

/** A pipe whose ends are closed by exec; throws where no descriptors are left. */
export function openPipe(): { readonly reader: number; readonly writer: number } {
  const pipe2 = koffi.load(null).func("int pipe2(_Out_ int *ends, int flags)");
  const ends = [0, 0];
  if (Number(pipe2(ends, O_CLOEXEC)) < 0) throw new Error(`pipe2: errno ${koffi.errno()}`);
  return { reader: ends[0]!, writer: ends[1]! };
}

/** More than any libc's posix_spawnattr_t (glibc: 336), posix_spawn_file_actions_t (80) or sigset_t (128). */
const OPAQUE_BYTES = 1024;
const SIGPIPE = 13;
/** spawn.h */
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const O_CLOEXEC = 0o2000000;
