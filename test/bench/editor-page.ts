/** What the bench of the editor runs inside pages: each function is sent there by its text, and knows nothing else. */

/** When, by Date.now(), a line of the editor first says how many faults it took. */
export function paintedAt(waitMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const giveUp = performance.now() + waitMs;
    const look = () => {
      const spans = [...document.querySelectorAll(".editor-instance .view-line span")];
      if (spans.some((span) => getComputedStyle(span, "::after").content.includes("fault"))) resolve(Date.now());
      else if (performance.now() > giveUp) reject(new Error("no line was annotated"));
      else requestAnimationFrame(look);
    };
    look();
  });
}

export function unpainted(): boolean {
  const spans = [...document.querySelectorAll(".editor-instance .view-line span")];
  return !spans.some((span) => getComputedStyle(span, "::after").content.includes("fault"));
}

/**
 * Drags the map to and fro, one move a frame. Milliseconds: `work` is what each frame took of the page's thread, the
 * move and the drawing, `apart` the time from one frame to the next.
 */
export function pan(canvas: Element, frames: number): Promise<{ work: readonly number[]; apart: readonly number[] }> {
  const original = window.requestAnimationFrame.bind(window);
  const work: number[] = [];
  const apart: number[] = [];
  let moving = 0;
  window.requestAnimationFrame = (callback) =>
    original((time) => {
      const before = performance.now();
      callback(time);
      work.push(moving + performance.now() - before);
    });
  canvas.setPointerCapture = () => undefined; // No pointer of the machine's is down.
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const point = (type: string, part: number) => {
    const place = { clientX: left + width * part, clientY: top + height * part };
    const before = performance.now();
    canvas.dispatchEvent(new PointerEvent(type, { pointerId: 1, button: 0, buttons: 1, bubbles: true, ...place }));
    moving = performance.now() - before;
  };
  return new Promise((resolve) => {
    let last: number | undefined;
    let frame = 0;
    const next = (time: number) => {
      if (last !== undefined) apart.push(time - last);
      last = time;
      if (frame === frames) {
        point("pointerup", 0);
        window.requestAnimationFrame = original;
        resolve({ work, apart });
        return;
      }
      point("pointermove", 0.1 + 0.02 * Math.abs((frame % 80) - 40));
      frame++;
      original(next);
    };
    point("pointerdown", 0.9);
    original(next);
  });
}
