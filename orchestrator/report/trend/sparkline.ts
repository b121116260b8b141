/** An odd number of them, so that values about the middle of their span have one bar. */
const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇"] as const;
/** A line over less than this part of its values' median would make mountains of noise. */
const LEAST_SPAN = 0.1;

/**
 * Values as bars, the lowest and the highest as they are to each other; a value that is not known is a dot. What moves by less than a tenth
 * of `middle` is drawn as flat as it is.
 */
export function sparkline(values: readonly (number | null)[], middle: number): string {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const span = Math.max(high - low, Math.abs(middle) * LEAST_SPAN);
  const bottom = (low + high - span) / 2;
  return values
    .map((value) => {
      if (value === null) return "·";
      const place = span === 0 ? 0.5 : (value - bottom) / span;
      return BARS[Math.round(place * (BARS.length - 1))] ?? "";
    })
    .join("");
}
