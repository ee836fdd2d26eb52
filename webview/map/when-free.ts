/** Changes a part of the page when nobody is in it: what has the focus is not taken away under somebody's hands. */

export interface FreePart {
  /** Now, or when the focus has left; a later change takes the place of one that waits. */
  change(work: () => void): void;
}

export function whenFree(part: HTMLElement): FreePart {
  let waiting: (() => void) | undefined;
  part.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && part.contains(relatedTarget)) return;
    const work = waiting;
    waiting = undefined;
    work?.();
  });
  return {
    change(work) {
      if (part.contains(document.activeElement)) waiting = work;
      else {
        waiting = undefined;
        work();
      }
    },
  };
}
