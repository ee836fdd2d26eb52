/** What the kernel answers to a request to lock memory, by the limits of the process (mm/mlock.c, mlock(2)). */
import type { LockLimits } from "./lock-set.js";

export type LockRequest =
  /** mlock and mlock2, on fault or not: bytes of the pages that are not locked yet. */
  | { readonly kind: "range"; readonly newBytes: number }
  /** mlockall(MCL_CURRENT), with whatever else: the whole virtual size counts, on fault, too. */
  | { readonly kind: "all-current"; readonly virtualBytes: number }
  /** mlockall(MCL_FUTURE) alone: checked against nothing now, and against the limit at every later mapping. */
  | { readonly kind: "all-future" };

export type KernelAnswer =
  | { readonly kind: "fits"; readonly spareBytes: number | undefined }
  /** The limit is 0: nothing may be locked at all. */
  | { readonly kind: "refused"; readonly errno: "EPERM" }
  | { readonly kind: "refused"; readonly errno: "ENOMEM"; readonly wantedBytes: number; readonly limitBytes: number };

/** @param lockedBytes what the process has locked already (VmLck): pages count once, however often they are locked. */
export function kernelAnswer(request: LockRequest, limits: LockLimits, lockedBytes: number): KernelAnswer {
  const { softBytes, privileged } = limits;
  if (privileged || softBytes === undefined) return { kind: "fits", spareBytes: undefined };
  if (softBytes === 0) return { kind: "refused", errno: "EPERM" };
  if (request.kind === "all-future") return { kind: "fits", spareBytes: Math.max(0, softBytes - lockedBytes) };
  const wantedBytes = request.kind === "range" ? lockedBytes + request.newBytes : request.virtualBytes;
  return wantedBytes <= softBytes
    ? { kind: "fits", spareBytes: softBytes - wantedBytes }
    : { kind: "refused", errno: "ENOMEM", wantedBytes, limitBytes: softBytes };
}

/** Bytes that locking [start, start + length) costs: the kernel rounds outwards to whole pages. */
export function pagesTouched(start: number, length: number, pageSize: number): number {
  if (length <= 0) return 0;
  return Math.ceil((start + length) / pageSize) - Math.floor(start / pageSize);
}
