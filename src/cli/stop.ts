/** Ctrl-C and its like: what was begun is undone before we go. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The first signal raises `signal`; a second one ends the process as it always would. */
export function stopOnSignals(): { readonly signal: AbortSignal; restore(): void } {
  const stop = new AbortController();
  const restore = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  const onSignal = (): void => {
    restore();
    stop.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return { signal: stop.signal, restore };
}
