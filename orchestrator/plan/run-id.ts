/** UTC time to the second as folders are named by: `20260423-221530`. */
export function stampOf(at: Date): string {
  return at.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}

/**
 * A run's id, also the name of its folder: UTC time to the second, then the strategy, e.g. `20260423-221530-aggressive`.
 * It is an RFC 1123 label (lower case, digits, hyphens, at most 63 long), so that it may label Kubernetes objects.
 */
export function runIdFor(at: Date, strategyName: string): string {
  const strategy = strategyName.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `${stampOf(at)}-${strategy}`.slice(0, 63).replace(/-+$/, "");
}
