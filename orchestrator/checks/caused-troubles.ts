import type { Trouble } from "../history/pod-troubles.ts";
import type { RecordedFault } from "../history/recorded-faults.ts";
import type { Timeline } from "../history/timeline.ts";
import { isHead } from "../plan/faults.ts";
import type { Plan } from "../plan/plan.ts";

/** A pod's RayCluster, and what it does in it (the label ray.io/node-type). */
export interface RayPod {
  readonly cluster: string;
  readonly nodeType: string;
}

/** What may become of a worker whose head was taken away. */
const BY_LOST_HEAD: ReadonlySet<Trouble["cause"]> = new Set<Trouble["cause"]>(["ended", "failed", "restarted"]);
/** What follows from another version of the operator: its pod is another one. */
const OPERATOR = "operator";
/** Roles of the platform whose processes hold a lease. */
const WITH_LEASE: ReadonlySet<string> = new Set([OPERATOR, "gateway"]);
/**
 * Such a process may begin to end itself so long (ms) after the API server is there again. How long it then takes is its own: Envoy Gateway was seen to
 * be restarted 14 s after it had ceased to be ready.
 */
const NOTICED_MS = 30_000;
/** Where Ray's state outlives its head, workers go on without it. */
const FAULT_TOLERANCE = /^\/spec\/rayClusterConfig\/gcsFaultToleranceOptions(\/|$)/;

/**
 * Why a trouble is none that the scenario did not cause; null when it is one. A recorded fault explains what happens after it to the very pods that it was
 * done to. Where it took a head, it also explains that workers of the same RayCluster end or are restarted, unless GCS fault tolerance keeps them: a raylet
 * that cannot reach the GCS any more ends itself (gcs_rpc_server_reconnect_timeout_s of Ray). Where it stopped the API server, controllers that cannot
 * renew their lease end themselves (leaderelection of client-go, 10 s by default) and are started again. Another version of the operator replaces the operator's pod, and a
 * suspension takes heads away.
 */
export function causeOf(
  trouble: Trouble,
  { faults, operatorChangedMs, suspended }: Pick<Timeline, "faults" | "operatorChangedMs" | "suspended">,
  pods: ReadonlyMap<string, RayPod>,
  plan: Plan,
): string | null {
  const { at, uid, of, cause } = trouble;
  const after = faults.filter(({ askedMs }) => at.wallMs >= askedMs);
  const own = after.find((fault) => fault.pods.some((pod) => pod.uid === uid));
  if (own !== undefined) return own.text;
  if (of === OPERATOR && cause === "replaced" && operatorChangedMs !== null && at.wallMs >= operatorChangedMs) {
    return "the operator's version was changed";
  }
  if (cause === "replaced" && suspended !== null && at.wallMs >= suspended.askedMs && pods.has(uid)) {
    return `the ${suspended.of} was suspended`;
  }
  const stopped = after.find((fault) => isOfStoppedApi(trouble, fault));
  if (stopped !== undefined) return stopped.text;
  if (!BY_LOST_HEAD.has(cause) || outlivesHead(plan) || pods.get(uid)?.nodeType !== "worker") return null;
  const lost = after.find((fault) => tookHeadOf(fault, pods.get(uid)?.cluster ?? "", pods));
  return lost === undefined ? null : lost.text;
}

/** Whether a controller ended itself for a lease that it could not renew. */
function isOfStoppedApi({ at, unreadySince = at, of, cause }: Trouble, { fault, ended }: RecordedFault): boolean {
  if (fault?.kind !== "stop-api-server" || cause !== "restarted" || !WITH_LEASE.has(of)) return false;
  return unreadySince.wallMs <= (ended?.wallMs ?? Infinity) + NOTICED_MS;
}

function outlivesHead({ application: { variant } }: Plan): boolean {
  return variant?.patch?.some(({ path }) => FAULT_TOLERANCE.test(path)) === true;
}

function tookHeadOf(fault: RecordedFault, cluster: string, pods: ReadonlyMap<string, RayPod>): boolean {
  return fault.pods.some(({ uid, of }) => {
    return isHead(of) && cluster !== "" && pods.get(uid)?.cluster === cluster;
  });
}
