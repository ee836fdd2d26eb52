/** Calls inside a target, for the commands that make them: started, refused in one sentence, and served (hidden command). */
import { injectionRefusalText } from "../core/report/injection-refusals.js";
import { english } from "../core/report/translate.js";
import { UserError } from "../host/user-error.js";
import type { Call, Injection } from "../recorder/campaign/injection.js";
import { callerBehindSudo } from "../recorder/elevation.js";
import { pageBytes } from "../recorder/ffi/ring.js";
import type { PlainCall } from "../recorder/inject/call-messages.js";
import { InjectionRefused } from "../recorder/inject/injection-refused.js";
import { openCalls, type Calls } from "../recorder/inject/open-calls.js";
import { permitted } from "../recorder/inject/permitted.js";
import { serveCalls } from "../recorder/inject/serve-calls.js";

/** Throws UserError with the next step where nothing can be called inside the process. */
export async function injectionInto(pid: number): Promise<Injection> {
  const pageSize = pageBytes();
  const calls = await callsInto(pid, false);
  return {
    run: (wanted) => calls.run(wanted.map((call) => plainCall(call, pageSize))),
    runPlain: (wanted) => calls.run(wanted),
    close: () => calls.close(),
  };
}

/** @param anyUser processes of other users, too: as only root may. */
export async function callsInto(pid: number, anyUser: boolean): Promise<Calls> {
  const uid = touchedUid(anyUser);
  const calls = await orSentence(pid, () => openCalls({ pid, uid, cli: process.argv[1] ?? "" }));
  return { run: (wanted) => orSentence(pid, () => calls.run(wanted)), close: () => calls.close() };
}

/** The same rules for calls that another program makes (gdb). Throws UserError. */
export async function mayCallInto(pid: number, anyUser: boolean): Promise<void> {
  await orSentence(pid, async () => permitted(pid, touchedUid(anyUser)));
}

/** Whose processes may be touched; undefined: everybody's. */
function touchedUid(anyUser: boolean): number | undefined {
  if (anyUser && process.geteuid?.() !== 0) throw new UserError("--any-user is for root: run it with sudo.");
  return anyUser ? undefined : (callerBehindSudo()?.uid ?? process.getuid?.());
}

/** `faultline inject-calls PID [UID]`: the other end, in a process of its own. */
export async function serve([pid, uid]: readonly string[]): Promise<number> {
  await serveCalls(Number(pid), uid === undefined ? undefined : Number(uid));
  // Whoever asked holds the other end open until we have ended: a refusal would never be over.
  process.stdin.destroy();
  return 0;
}

function plainCall(call: Call, pageSize: number): PlainCall {
  const range = [call.range.first * pageSize, call.range.count * pageSize];
  switch (call.kind) {
    case "mlock":
    case "munlock":
      return { name: call.kind, parameters: range };
    case "madvise":
      return { name: "madvise", parameters: [...range, ADVICE[call.advice]] };
  }
}

/** asm-generic/mman-common.h */
const ADVICE = { dontneed: 4, cold: 20, pageout: 21 } as const;

async function orSentence<T>(pid: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InjectionRefused)) throw error;
    throw new UserError(injectionRefusalText(error.refusal, pid, error.detail, english));
  }
}
