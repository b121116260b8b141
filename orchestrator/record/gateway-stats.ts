import type { GatewayStats } from "../history/gateway-stats.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { podsOf, type RunGateway } from "../kube/platform.ts";
import { adminNamesOf, adminPaths, readAdmin, type AdminNames } from "./envoy-admin.ts";
import { reasonOf } from "./reason.ts";
import { repeatPoll } from "./repeat.ts";
import type { Poller } from "./repeat.ts";
import type { Sink } from "./sink.ts";

const PERIOD_MS = 2_000;
const TIMEOUT_MS = 5_000;

interface PollParts extends RunGateway {
  /** Name of the HTTPRoute of the RayService. */
  readonly route: string;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

type GatewayKube = Pick<Kube, "list" | "podForward">;

/**
 * Polls what each pod of the data plane has counted, one observation for each, until disposed of. Resolves after the first poll. A pod that
 * cannot be asked, or pods that cannot be listed, are a poll that is not ok; no pods are no poll, nor is a gateway of which it is not known how its pods are asked. A poll out of
 * turn asks after it was called, and after the answer to any poll before.
 */
export async function pollGateway(kube: GatewayKube, parts: PollParts): Promise<Poller> {
  const names = adminNamesOf(parts.controller);
  let last = Promise.resolve();
  return await repeatPoll(
    { ...parts, periodMs: PERIOD_MS },
    // One at a time: counts that were read later must not be written earlier.
    (signal) =>
      (last = last.then(() => (names === undefined ? undefined : pollPods(kube, names, { ...parts, signal })))),
  );
}

async function pollPods(kube: GatewayKube, names: AdminNames, parts: PollParts): Promise<void> {
  const { sink, signal } = parts;
  if (signal.aborted) return;
  const answer = (subject: string, ok: boolean, data: unknown): void => {
    // Cut off by the end of the polling: nothing was refused.
    if (!signal.aborted) sink({ type: "poll", poll: "gateway-stats", subject, ok, data });
  };
  const ask = async (pod: { readonly name: string; readonly namespace?: string }): Promise<void> => {
    try {
      answer(pod.name, true, await statsOf(kube, pod, names, parts));
    } catch (error) {
      answer(pod.name, false, { error: reasonOf(error) });
    }
  };
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const pods = await podsOf(kube, "dataPlane", parts, bounded);
    await Promise.all(pods.map(({ metadata }) => ask(metadata)));
  } catch (error) {
    answer("", false, { error: reasonOf(error) });
  }
}

async function statsOf(
  kube: GatewayKube,
  pod: { readonly name: string; readonly namespace?: string },
  names: AdminNames,
  { namespace, route: name, clock, signal }: PollParts,
): Promise<GatewayStats> {
  const route = { namespace, name };
  const beganMs = clock.monoMs();
  const answers = await kube.podForward({
    namespace: pod.namespace ?? "",
    pod: pod.name,
    port: names.port,
    paths: adminPaths(names, route),
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const tookMs = Math.ceil(clock.monoMs() - beganMs);
  const refused = answers.find(({ status }) => status !== 200);
  if (refused !== undefined) {
    throw new Error(`status ${String(refused.status)} of Envoy's admin (${refused.body.trim().slice(0, 300)})`);
  }
  const [clusters, stats] = answers;
  return { tookMs, ...readAdmin(names, route, clusters?.body ?? "", stats?.body ?? "") };
}
