import { z } from "zod";
import { realClock, type Clock } from "../../kube/clock.ts";
import type { Kube, KubeObject } from "../../kube/kube.ts";
import { ask, readPodState, shown } from "../../load/pod.ts";
import { poll } from "../../load/waiting.ts";
import { SetUpError } from "../../plan/errors.ts";
import { ADMIN_PORT, CLIENTS_PORT, PROXY_NAME, PROXY_SELECTOR, proxyObjects, type ProxyRequest } from "./manifests.ts";
import { proxyReportSchema, type ProxyReport } from "./report.ts";
import type { ProxyRule } from "./rules.ts";

/** A proxy that stands between load and gateway. Disposing of it removes it and waits until its pod is gone. */
export interface Proxy extends AsyncDisposable {
  /** Where the load is to send its requests, `http://ADDRESS:PORT`. */
  readonly url: string;
  /**
   * Replaces the rules, and says when that took effect: Unix ms with µs, by the clock of the proxy's node. Rejects when the proxy refuses them, or does not
   * answer; then it may have them or not, and nothing is tried again, because rules that are set again count anew.
   */
  setRules(rules: readonly ProxyRule[], signal?: AbortSignal): Promise<number>;
  /** What it did so far. Asked again while there is no answer, for 10 s; rejects when it has forgotten rules that were set, as one that was restarted has. */
  report(signal?: AbortSignal): Promise<ProxyReport>;
}

export interface ProxyParts {
  readonly deadlines: {
    /** Until its pod is ready and its Service sends clients there. */
    readonly ready: number;
    /** Until its pod is gone. */
    readonly removed: number;
  };
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

type ProxyKube = Pick<Kube, "apply" | "delete" | "podProxy" | "waitFor">;

const POD = { apiVersion: "v1", kind: "Pod" };
const ENDPOINT_SLICE = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" };
const RULES_MS = 5_000;
const REPORT_MS = 10_000;

const conditionsSchema = z.looseObject({
  metadata: z.looseObject({ deletionTimestamp: z.string().nullish() }),
  status: z
    .looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish() })
    .nullish(),
});
const endpointSliceSchema = z.looseObject({
  endpoints: z
    .array(
      z.looseObject({
        conditions: z.looseObject({ ready: z.boolean().nullish() }).nullish(),
        targetRef: z.looseObject({ name: z.string() }).nullish(),
      }),
    )
    .nullish(),
});
const serviceSchema = z.looseObject({ spec: z.looseObject({ clusterIP: z.string().min(1) }) });
const effectiveSchema = z.strictObject({ effectiveMs: z.number() });

/**
 * Puts a proxy before a gateway and resolves when it is transparent and clients reach it. What was created is removed when that fails.
 *
 * @throws DeadlineError with what was last seen of its pod; SetUpError when the pod cannot come to run.
 */
export async function startProxy(kube: ProxyKube, request: ProxyRequest, parts: ProxyParts): Promise<Proxy> {
  const { deadlines, clock = realClock } = parts;
  const { namespace } = request;
  const { deployment, service } = proxyObjects(request);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => removeProxy(kube, namespace, deadlines.removed));
  const until = clock.monoMs() + deadlines.ready;
  const left = (): number => Math.max(1, until - clock.monoMs());
  await kube.apply(deployment);
  const { clusterIP } = serviceSchema.parse(await kube.apply(service)).spec;
  const pod = await readyPod(kube, namespace, { deadlineMs: left(), signal: parts.signal });
  await served(kube, namespace, pod, { deadlineMs: left(), signal: parts.signal });

  let set = 0;
  const removing = undo.move();
  return {
    url: `http://${clusterIP.includes(":") ? `[${clusterIP}]` : clusterIP}:${String(CLIENTS_PORT)}`,
    setRules: async (rules, signal = parts.signal) => {
      const body = JSON.stringify(rules);
      const answer = await kube.podProxy({
        ...{ namespace, pod, port: ADMIN_PORT, method: "PUT", path: "/rules", body, contentType: "application/json" },
        ...{ timeoutMs: RULES_MS, signal },
      });
      if (answer.status !== 200) throw new Error(`The proxy did not take its rules: ${shown(answer)}.`);
      set += rules.length;
      return effectiveSchema.parse(JSON.parse(answer.body)).effectiveMs;
    },
    report: async (signal = parts.signal) => {
      const question = { port: ADMIN_PORT, method: "GET", path: "/report" } as const;
      const waiting = { clock, signal, deadlineMs: REPORT_MS };
      const body = await poll("The report of the proxy", waiting, async () => {
        const answer = await ask(kube, { namespace, name: pod }, question, signal);
        return answer.status === 200 ? { done: answer.body } : { seen: shown(answer) };
      });
      const report = proxyReportSchema.parse(JSON.parse(body));
      if (report.rules.length < set) {
        throw new Error(
          `The proxy was set ${String(set)} rules and knows ${String(report.rules.length)}: it was restarted, and its account is lost.`,
        );
      }
      return report;
    },
    [Symbol.asyncDispose]: () => removing.disposeAsync(),
  };
}

interface Bounded {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** Name of the proxy's pod once it is ready. */
async function readyPod(kube: ProxyKube, namespace: string, bounded: Bounded): Promise<string> {
  const found = await kube.waitFor(
    POD,
    { namespace, labelSelector: PROXY_SELECTOR },
    {
      what: "The proxy's pod ready",
      ...bounded,
      predicate: (pods) => pods.find((pod) => isReady(pod) || isHopeless(pod)),
      describe: (pods) => (pods.length === 0 ? "no pod" : pods.map(described).join("; ")),
    },
  );
  if (!isReady(found)) throw new SetUpError(`The proxy cannot run: ${described(found)}`);
  return found.metadata.name;
}

/** Resolves when the Service has the pod: until then the node sends who dials nowhere. */
async function served(kube: ProxyKube, namespace: string, pod: string, bounded: Bounded): Promise<void> {
  const readyIn = (slice: KubeObject): string[] =>
    (endpointSliceSchema.parse(slice).endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready === true)
      .flatMap(({ targetRef }) => targetRef?.name ?? []);
  await kube.waitFor(
    ENDPOINT_SLICE,
    { namespace, labelSelector: `kubernetes.io/service-name=${PROXY_NAME}` },
    {
      what: "The proxy's Service with its pod",
      ...bounded,
      predicate: (slices) => (slices.some((slice) => readyIn(slice).includes(pod)) ? true : undefined),
      describe: (slices) => `ready endpoints: ${slices.flatMap(readyIn).join(", ") || "none"}`,
    },
  );
}

function isReady(pod: KubeObject): boolean {
  const { metadata, status } = conditionsSchema.parse(pod);
  const ready = status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
  return ready && metadata.deletionTimestamp == null;
}

function isHopeless(pod: KubeObject): boolean {
  return [...readPodState(pod).containers.values()].some(
    (state) =>
      state.is === "waiting" && /^(InvalidImageName|ErrImageNeverPull|CreateContainerConfigError)\b/.test(state.reason),
  );
}

function described(pod: KubeObject): string {
  return readPodState(pod).described;
}

async function removeProxy(kube: ProxyKube, namespace: string, deadlineMs: number): Promise<void> {
  await kube.delete({ apiVersion: "v1", kind: "Service", namespace, name: PROXY_NAME });
  await kube.delete({ apiVersion: "apps/v1", kind: "Deployment", namespace, name: PROXY_NAME });
  await kube.waitFor(
    POD,
    { namespace, labelSelector: PROXY_SELECTOR },
    {
      what: "Removal of the proxy",
      deadlineMs,
      predicate: (pods) => (pods.length === 0 ? true : undefined),
      describe: (pods) => pods.map(described).join("; "),
    },
  );
}
