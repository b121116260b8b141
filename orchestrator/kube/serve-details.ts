import type { Kube } from "./kube.ts";

/** Serve's REST API on a head (Ray 2.x): GET /api/serve/applications/, ServeInstanceDetails. */
const DASHBOARD = { port: 8265, method: "GET", path: "/api/serve/applications/" } as const;
const TIMEOUT_MS = 5_000;

/** What Serve on a head says of its applications, as it comes; rejects after 5 s, and as podProxy does. */
export function askServeDetails(
  kube: Pick<Kube, "podProxy">,
  head: { readonly namespace: string; readonly pod: string },
  signal?: AbortSignal,
): Promise<{ status: number; body: string }> {
  return kube.podProxy({ ...DASHBOARD, ...head, timeoutMs: TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) });
}
