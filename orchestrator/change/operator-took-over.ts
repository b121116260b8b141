import type { Kube } from "../kube/kube.ts";
import { RAY_SERVICE, stateOf } from "./rayservice.ts";
import type { RayServiceName, Waiting } from "./rayservice.ts";

const RAY_CLUSTER = { apiVersion: "ray.io/v1", kind: "RayCluster" };
/** Version of the operator that last wrote a RayCluster (KubeRay 1.6.2, utils.KubeRayVersion). */
const VERSION = "ray.io/kuberay-version";

/**
 * Waits until an operator of another version has looked at the RayService: it then writes its version on the active RayCluster, and the whole spec with
 * it. A change that comes before that is no upgrade but goes into the active RayCluster as it is (`shouldUpdateCluster` of KubeRay 1.6.2). In the middle
 * of an upgrade it writes nothing, and nothing is waited for.
 *
 * @throws DeadlineError with the version last seen.
 */
export async function waitOperatorTookOver(
  kube: Kube,
  service: RayServiceName,
  version: string,
  waiting: Waiting,
): Promise<void> {
  const state = stateOf(await kube.get({ ...RAY_SERVICE, ...service }, waiting.signal));
  const active = state?.active.rayClusterName ?? "";
  if (active === "" || state?.pending.rayClusterName !== "") return;
  const wanted = `v${version}`;
  await kube.waitFor(
    RAY_CLUSTER,
    { namespace: service.namespace, fieldSelector: `metadata.name=${active}` },
    {
      what: `The operator of KubeRay ${version} to take RayCluster ${active} over`,
      deadlineMs: waiting.deadlineMs,
      predicate: ([cluster]) => (cluster?.metadata.annotations?.[VERSION] === wanted ? true : undefined),
      describe: ([cluster]) =>
        cluster === undefined
          ? "no such RayCluster"
          : `its annotation ${VERSION} is "${cluster.metadata.annotations?.[VERSION] ?? ""}"`,
      ...(waiting.signal === undefined ? {} : { signal: waiting.signal }),
    },
  );
}
