/** The part of a canvas context the map is drawn with, so that a test can hold the brush. */

export type Surface = Pick<
  CanvasRenderingContext2D,
  | "beginPath"
  | "clip"
  | "createImageData"
  | "fill"
  | "fillRect"
  | "fillStyle"
  | "fillText"
  | "font"
  | "lineTo"
  | "lineWidth"
  | "measureText"
  | "moveTo"
  | "putImageData"
  | "rect"
  | "restore"
  | "save"
  | "setTransform"
  | "stroke"
  | "strokeRect"
  | "strokeStyle"
  | "textAlign"
  | "textBaseline"
>;

/** The text, or as much of it as fits with an ellipsis; "" where nothing does. */
export function clipText(context: Surface, text: string, width: number): string {
  // A hostile name may be a megabyte long: nothing beyond a few hundred characters is ever measured.
  const candidate = text.length > 300 ? text.slice(0, 300) : text;
  if (candidate === text && context.measureText(text).width <= width) return text;
  let low = 0;
  let high = candidate.length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (context.measureText(`${candidate.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "" : `${candidate.slice(0, low)}…`;
}
