/** Row numbers of a column of whole numbers in ascending order of its values. */

/**
 * Rows of equal value keep their order. A comparison function takes ten times as long as numbers, and this is in the way
 * of many a first answer, so value and row are sorted as one number wherever the two fit.
 */
export function rowOrder(values: Float64Array): Uint32Array {
  let lowest = Infinity;
  for (let row = 0; row < values.length; row++) lowest = Math.min(lowest, values[row]!);
  const keys = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) keys[row] = (values[row]! - lowest) * values.length + row;
  keys.sort();
  if (keys.length > 0 && !(keys[keys.length - 1]! <= Number.MAX_SAFE_INTEGER)) {
    const rows = Uint32Array.from(values, (_, row) => row);
    return rows.sort((a, b) => values[a]! - values[b]! || a - b);
  }
  const order = new Uint32Array(values.length);
  for (let row = 0; row < order.length; row++) order[row] = keys[row]! % order.length;
  return order;
}
