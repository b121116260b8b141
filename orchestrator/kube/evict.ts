import { successBody } from "./answers.ts";
import { HttpClient, tlsOptions } from "./http.ts";
import { loadKubeconfig } from "./kubeconfig.ts";

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Evicts a pod by the Eviction API, as whoever drains a node does: its disruption budgets and its grace period hold.
 *
 * @throws UsageError when the kubeconfig is not usable; KubeError when the API server refuses, 429 for a budget that forbids it.
 */
export async function evictPod(
  kubeconfigPath: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<void> {
  const loaded = await loadKubeconfig(kubeconfigPath);
  const client = new HttpClient(loaded, await tlsOptions(loaded.config));
  try {
    const answer = await client.request({
      method: "POST",
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/eviction`,
      body: JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } }),
      timeoutMs: REQUEST_TIMEOUT_MS,
    });
    successBody(answer, `evict Pod ${namespace}/${name}`);
  } finally {
    client.close();
  }
}
