import { hostname } from "node:os";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { acquireLease } from "../kube/lease.ts";
import type { HeldLease } from "../kube/lease.ts";
import { SetUpError } from "../plan/errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { Progress } from "./progress.ts";

/** Namespace of what outlives a run: the lease that keeps two runs apart. */
export const SYSTEM_NAMESPACE = "zerodrop-system";
/** Renewed every third of it, so that an API server that is away for 20 s costs no run its lease. */
const LEASE_SECONDS = 30;

/**
 * The cluster's lease. Whoever has the node to himself (useCluster) and finds it taken sees the lease of a run that was killed
 * on this host, and waits until it has expired.
 */
export async function leaseOf(
  { kube, plan, clock }: { readonly kube: Kube; readonly plan: Plan; readonly clock: Clock },
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<HeldLease> {
  const request = {
    namespace: SYSTEM_NAMESPACE,
    name: "run",
    holder: `run ${plan.runId}, process ${String(process.pid)} on ${hostname()}`,
    durationSeconds: LEASE_SECONDS,
  };
  const until = clock.monoMs() + (LEASE_SECONDS + 5) * 1000;
  for (let told = false; ; told = true) {
    try {
      return await acquireLease(kube, request, clock);
    } catch (error) {
      if (!(error instanceof SetUpError) || clock.monoMs() > until) throw error;
      if (!told) progress.note(`Waiting for the lease of a killed run to expire: ${error.message}`);
      await clock.sleep(1_000, signal);
    }
  }
}
