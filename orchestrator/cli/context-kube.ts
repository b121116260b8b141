import { connect } from "../kube/connect.ts";
import type { Kube } from "../kube/kube.ts";
import { UsageError } from "../plan/errors.ts";
import { kubeconfigWith } from "./kubeconfig.ts";

/** A client for a context of the user's kubeconfig. Rejects with a UsageError where no file of it has the context any more. */
export async function contextKube(context: string, env: Readonly<Record<string, string | undefined>>): Promise<Kube> {
  const kubeconfigPath = kubeconfigWith(context, env);
  if (kubeconfigPath === undefined) {
    throw new UsageError(
      `--context must name a context of the kubeconfig; received "${context}", which is in none of its files.`,
    );
  }
  return connect({ kubeconfigPath, context });
}
