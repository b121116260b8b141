import { z } from "zod";
import type { Kube } from "../kube/kube.ts";
import { cpuAccountOf } from "./cadvisor.ts";
import type { CpuAccount } from "./cadvisor.ts";
import { reasonOf } from "./reason.ts";
import type { Sink } from "./sink.ts";

/** The metrics of a node with many pods are some MB. */
const TIMEOUT_MS = 10_000;
const CONTAINER = "k6";

const podSchema = z.object({
  spec: z.object({ nodeName: z.string() }),
  status: z.object({ containerStatuses: z.array(z.object({ name: z.string(), containerID: z.string() })) }),
});

/**
 * Writes a `k6-cgroup` poll: what the kubelet counts for the k6 container of the load's pod. Never rejects: not every cluster lets its
 * kubelets be asked, and a refusal is a poll that is not ok. Nothing is written once `signal` has aborted.
 *
 * @returns whether the poll was ok. A kubelet may take some seconds to count for a new container.
 */
export async function recordK6Cgroup(
  kube: Pick<Kube, "get" | "nodeProxy">,
  pod: { readonly namespace: string; readonly name: string },
  { sink, signal }: { readonly sink: Sink; readonly signal: AbortSignal },
): Promise<boolean> {
  const answer = (ok: boolean, data: unknown): boolean => {
    if (!signal.aborted) sink({ type: "poll", poll: "k6-cgroup", subject: pod.name, ok, data });
    return ok;
  };
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    return answer(true, await accountOf(kube, pod, bounded));
  } catch (error) {
    return answer(false, { error: reasonOf(error) });
  }
}

async function accountOf(
  kube: Pick<Kube, "get" | "nodeProxy">,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<CpuAccount> {
  const pod = podSchema.parse(await kube.get({ apiVersion: "v1", kind: "Pod", namespace, name }, signal));
  const node = pod.spec.nodeName;
  const { status, body } = await kube.nodeProxy({ node, path: "/metrics/cadvisor", timeoutMs: TIMEOUT_MS, signal });
  if (status !== 200) throw new Error(`status ${String(status)} of node ${node} (${body.trim().slice(0, 300)})`);
  // `containerd://ID`
  const id = pod.status.containerStatuses
    .find((each) => each.name === CONTAINER)
    ?.containerID.split("://")
    .at(-1);
  if (id === undefined || id === "") throw new Error(`pod ${name} has no running container ${CONTAINER}`);
  const account = cpuAccountOf(body, { namespace, pod: name, container: CONTAINER, id });
  if (account === undefined) throw new Error(`node ${node} counts nothing for container ${CONTAINER} of pod ${name}`);
  return account;
}
