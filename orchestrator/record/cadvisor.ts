/** What a kubelet counts for a container since its start. Null: it does not count that, as CFS figures without a CPU limit. */
export interface CpuAccount {
  readonly cpuSeconds: number | null;
  /** CFS periods in which the container ran, and those of them in which it used up its limit and had to wait. */
  readonly periods: number | null;
  readonly throttledPeriods: number | null;
  readonly throttledSeconds: number | null;
  /** When the kubelet read them (it does so every 10 s or so), Unix ms of the node's clock. */
  readonly atMs: number | null;
}

const METRICS = {
  cpuSeconds: "container_cpu_usage_seconds_total",
  periods: "container_cpu_cfs_periods_total",
  throttledPeriods: "container_cpu_cfs_throttled_periods_total",
  throttledSeconds: "container_cpu_cfs_throttled_seconds_total",
} as const;

/** A line with labels of Prometheus' text format: name, labels, value, and where there is one its timestamp in ms. */
const LINE = /^(container_cpu_\w+)\{(.*)\}\s+(\S+)(?:\s+(-?\d+))?\s*$/gm;
/** From where a word begins: a long one that is no label would else be tried again from each of its characters. */
const LABEL = /\b(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/** A container as Kubernetes names it, and as its runtime does (`id`, without the runtime's own name before it). */
export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly id: string;
}

/**
 * A container's figures in a kubelet's cAdvisor metrics; undefined when the container is not in them. It is found by its cgroup, which is
 * named after its id: labels with its names are empty when the kubelet knows the runtime by another socket than the usual one.
 */
export function cpuAccountOf(metrics: string, container: ContainerRef): CpuAccount | undefined {
  const found = new Map<string, number>();
  let atMs: number | null = null;
  for (const [, name = "", labelText = "", value, at] of metrics.matchAll(LINE)) {
    const labels = labelsOf(labelText);
    if (!isOf(container, labels)) continue;
    // Kernels that count each CPU have a line for each, and one for all.
    if ((labels.get("cpu") ?? "total") !== "total") continue;
    const count = Number(value);
    if (!Number.isFinite(count)) continue;
    found.set(name, count);
    if (at !== undefined) atMs = Math.max(atMs ?? 0, Number(at));
  }
  const figure = (name: string): number | null => found.get(name) ?? null;
  const account = {
    cpuSeconds: figure(METRICS.cpuSeconds),
    periods: figure(METRICS.periods),
    throttledPeriods: figure(METRICS.throttledPeriods),
    throttledSeconds: figure(METRICS.throttledSeconds),
  };
  return Object.values(account).every((count) => count === null) ? undefined : { ...account, atMs };
}

function isOf({ id, ...names }: ContainerRef, labels: ReadonlyMap<string, string>): boolean {
  // The last part alone: a pod's cgroup lies above, and what the container itself makes lies below.
  if (labels.get("id")?.split("/").at(-1)?.includes(id) === true) return true;
  return Object.entries(names).every(([label, name]) => labels.get(label) === name);
}

/** Labels by name, their escapes (backslash, quote, newline) undone. */
function labelsOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(LABEL)].map(([, name = "", value = ""]) => [
      name,
      value.replaceAll(/\\(.)/g, (_escape, char: string) => (char === "n" ? "\n" : char)),
    ]),
  );
}
