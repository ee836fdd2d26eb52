/** Units that must not be mixed up. A branded number costs nothing at run time. */
declare const unit: unique symbol;
type Branded<Unit extends string> = number & { readonly [unit]: Unit };

/** Time on the trace's clock, or a span of it. Exact below 2^53: 104 days. */
export type Nanoseconds = Branded<"ns">;
/** An address divided by 4,096: exact in a double for every 64-bit address, kernel ones included. Storage, not the page size. */
export type Granule = Branded<"granule">;

export const nanoseconds = (value: number): Nanoseconds => value as Nanoseconds;
export const granule = (value: number): Granule => value as Granule;

export const GRANULE_BYTES = 4096;
