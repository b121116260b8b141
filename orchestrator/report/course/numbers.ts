/** Numbers as JSON keeps them: finite, and never -0, which would come back as 0. */

/** Whole ms. */
export function whole(ms: number): number {
  return Math.round(ms) + 0;
}

/** To so many digits after the point; null when that is no finite number. */
export function rounded(value: number, digits: number): number | null {
  const scale = 10 ** digits;
  const near = Math.round(value * scale) / scale + 0;
  return Number.isFinite(near) ? near : null;
}
