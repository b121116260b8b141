import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { askServeDetails } from "../kube/serve-details.ts";
import type { Heads } from "./heads.ts";
import { trimServeApplications } from "./serve-applications.ts";
import type { Sink } from "./sink.ts";

const PERIOD_MS = 1_000;

/**
 * Asks each live RayCluster's dashboard for Serve's application details once a second until `signal` aborts. At most one question per
 * cluster is under way; a slow or failing dashboard costs its own answers and nothing else. Resolves when all are answered.
 */
export async function pollServe(
  kube: Kube,
  parts: { namespace: string; heads: Heads; sink: Sink; clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { clock, heads, signal } = parts;
  const underWay = new Map<string, Promise<void>>();
  while (!signal.aborted) {
    for (const { cluster, pod } of heads.running()) {
      if (underWay.has(cluster)) continue;
      underWay.set(
        cluster,
        ask(kube, parts, cluster, pod).finally(() => underWay.delete(cluster)),
      );
    }
    // Aimed at the next whole period, so that slow questions do not make the rhythm slower.
    const rest = PERIOD_MS - (clock.monoMs() % PERIOD_MS);
    await clock.sleep(rest, signal).catch(() => undefined);
  }
  await Promise.all(underWay.values());
}

async function ask(
  kube: Kube,
  parts: { namespace: string; sink: Sink; signal: AbortSignal },
  cluster: string,
  pod: string,
): Promise<void> {
  const answer = (ok: boolean, data: unknown): void => {
    parts.sink({ type: "poll", poll: "serve-applications", subject: cluster, ok, data });
  };
  try {
    const { namespace, signal } = parts;
    const { status, body } = await askServeDetails(kube, { namespace, pod }, signal);
    const data = status === 200 ? trimServeApplications(body) : undefined;
    if (data === undefined) answer(false, { error: `status ${String(status)}, not application details` });
    else answer(true, data);
  } catch (error) {
    // Cut off by the recorder's own end: no answer was refused.
    if (!parts.signal.aborted) answer(false, { error: error instanceof Error ? error.message : String(error) });
  }
}
