/** On everything zerodrop creates. */
export const MANAGED_BY = { "app.kubernetes.io/managed-by": "zerodrop" } as const;
/** On everything a run creates. Nothing without both is ever removed. */
export const RUN_LABEL = "zerodrop.dev/run";

/** Selects what any run of ours has created. */
export const OURS = `app.kubernetes.io/managed-by=zerodrop,${RUN_LABEL}`;

/**
 * Labels for what a run creates.
 * @throws TypeError when the run's id is not fit for a label (at most 63 of letters, digits, `-`, `_`, `.`).
 */
export function labelsOf(runId: string): Record<string, string> {
  if (!/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(runId)) {
    throw new TypeError(`Run id "${runId}" cannot be a Kubernetes label.`);
  }
  return { ...MANAGED_BY, [RUN_LABEL]: runId };
}

/** Whether an object is a run's. */
export function isOurs(labels: Record<string, string> | undefined): boolean {
  return (
    labels?.["app.kubernetes.io/managed-by"] === MANAGED_BY["app.kubernetes.io/managed-by"] &&
    labels[RUN_LABEL] !== undefined
  );
}
