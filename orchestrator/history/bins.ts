/** Width of the ledger's bins, ms. */
export const BIN_MS = 100;

/** Start of the bin in which a moment lies, both Unix ms. */
export function binOf(ms: number): number {
  return Math.floor(ms / BIN_MS) * BIN_MS;
}
