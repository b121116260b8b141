import { MUTANT_VARIABLE } from "../../scripts/artefacts/kuberay-mutants.ts";
import { waitOperatorLeads } from "../change/operator-leads.ts";
import { restoreOperatorVersion, setOperatorImage } from "../change/operator-version.ts";
import type { Kube } from "../kube/kube.ts";
import { DEADLINES } from "../plan/deadlines.ts";

/** Until a new operator acts: its pod starts, and its predecessor's lease expires. */
const LEADS_WITHIN_MS = DEADLINES.recovered.seconds * 1000;

interface MutantOperator {
  readonly mutant: string;
  /** The build that has every mutant in it. */
  readonly image: string;
  /** Ms until it acts; for tests. */
  readonly deadlineMs?: number;
}

/**
 * Puts the operator that misbehaves in the way of that name in the place of the real one, and waits until it acts; disposing of what is returned puts the
 * real one back, and waits until that acts. To be called after what an earlier run has left was repaired, and before the application is staged: an operator that
 * is replaced under way forgets what it gave to whom.
 *
 * Where it does not come to act the real one is put back before this rejects. What a killed process leaves, `repairPlatform` puts back.
 *
 * @throws SetUpError when there is no operator; DeadlineError when either does not act in time; KubeError when the API server refuses.
 */
export async function useMutantOperator(
  kube: Kube,
  { mutant, image, deadlineMs = LEADS_WITHIN_MS }: MutantOperator,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const leads = async (within?: AbortSignal): Promise<void> => {
    await waitOperatorLeads(kube, { deadlineMs, ...(within === undefined ? {} : { signal: within }) });
  };
  try {
    await setOperatorImage(kube, { image, variable: { name: MUTANT_VARIABLE, value: mutant } }, { deadlineMs, signal });
    await leads(signal);
  } catch (error) {
    // A patch without an answer may have been applied. What went wrong first is what there is to tell.
    await restoreOperatorVersion(kube).catch(() => undefined);
    throw error;
  }
  return {
    // Without a signal: it is done also when all else is given up.
    async [Symbol.asyncDispose]() {
      await restoreOperatorVersion(kube);
      await leads();
    },
  };
}
