/**
 * A run's id, also the name of its folder: UTC time to the second, then the strategy, e.g. `20260423-221530-aggressive`.
 * It is an RFC 1123 label (lower case, digits, hyphens, at most 63 long), so that it may label Kubernetes objects.
 */
export function runIdFor(at: Date, strategyName: string): string {
  const [date = "", time = ""] = at.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").split("T");
  const strategy = strategyName.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `${date}-${time}-${strategy}`.slice(0, 63).replace(/-+$/, "");
}
