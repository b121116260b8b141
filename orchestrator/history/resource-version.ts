/**
 * Whether an object was written before another, by their resourceVersions; null when that cannot be told. Both count the same store's
 * writes, across kinds, and are comparable as whole numbers since Kubernetes 1.35 (KEP-5504).
 */
export function writtenBefore(a: string, b: string): boolean | null {
  return isWhole(a) && isWhole(b) ? BigInt(a) < BigInt(b) : null;
}

function isWhole(text: string): boolean {
  return /^\d+$/.test(text);
}
