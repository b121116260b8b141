import { UsageError } from "../plan/errors.ts";
import { ApiKube } from "./client.ts";
import { realClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { HttpClient, tlsOptions } from "./http.ts";
import type { Kube } from "./kube.ts";
import { loadKubeconfig } from "./kubeconfig.ts";
import { forwardedGets } from "./port-forward.ts";

/**
 * A client for one context of a kubeconfig. Nothing is sent to the server yet: the first call says whether it answers.
 *
 * @param where.context Name of the context. Left out only for a kubeconfig with a single context (the embedded cluster's):
 *   the current context is never used implicitly.
 * @param parts.silenceMs Without a byte for this long a watch is reconnected.
 * @throws UsageError when the kubeconfig or the context is not usable; no message carries credentials.
 */
export async function connect(
  where: { kubeconfigPath: string; context?: string },
  parts: { clock?: Clock; silenceMs?: number } = {},
): Promise<Kube> {
  const loaded = await loadKubeconfig(where.kubeconfigPath, where.context);
  const tls = await tlsOptions(loaded.config).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unusable credentials";
    throw new UsageError(
      `Context "${loaded.context}" of ${where.kubeconfigPath} cannot be used: ${code}; a file it names is missing, a credential plugin fails, or the server is plain http without insecure-skip-tls-verify.`,
    );
  });
  return new ApiKube(loaded.server, new HttpClient(loaded, tls), {
    clock: parts.clock ?? realClock,
    forward: (request) => forwardedGets(loaded.config, request),
    silenceMs: parts.silenceMs ?? 150_000,
  });
}
