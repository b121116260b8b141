import { realClock } from "../kube/clock.ts";
import type { Clock } from "../kube/clock.ts";
import { KubeError } from "../kube/kube.ts";
import type { Kube } from "../kube/kube.ts";
import { SetUpError } from "../plan/errors.ts";
import { configMapOf, isRunning, namespaceOf, rayServiceOf, runNamespaceOf } from "./manifests.ts";
import type { ApplicationRequest } from "./manifests.ts";
import { objectsBeside } from "./objects-beside.ts";
import { waitReachable, type Reachable } from "./reachable.ts";
import { describeDeployments, haveAvailable } from "./ready.ts";
import { removeNamespace } from "./remove.ts";
import { withStrategy } from "./running.ts";

export type Stage = Reachable & AsyncDisposable;

export interface StageOptions {
  /** Time for the application to be Ready and reachable through the gateway. */
  readonly readyDeadlineMs: number;
  /** Time for all of it to be gone again. */
  readonly removeDeadlineMs: number;
  /** Leave everything where it is when disposed of. */
  readonly keep?: boolean;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Called when staging fails, before anything is removed: the last chance to save logs. Must not throw. */
  readonly onFailure?: () => Promise<void>;
  /** Told, in a few words, what is being waited for. */
  readonly onProgress?: (words: string) => void;
  /** Told each password that was made for this run before anything has it, so that it can be kept out of logs. */
  readonly onSecret?: (secret: string) => void;
}

/**
 * Puts the application under test on the cluster: a namespace of its own, what its variant wants beside it, the application's Python in a ConfigMap,
 * the RayService; then waits until the RayService is Ready, its Gateway has an address and its HTTPRoute is accepted. Disposing of it removes all
 * of that and waits until it is gone. What was created is removed also when staging fails. Of an application that runs already only the namespace for the load is
 * created, and its upgrade strategy set for the time of the run.
 *
 * @throws UsageError for a variant that cannot be made, before anything is created; SetUpError when a namespace of that name exists and is not free, when the GatewayClass is missing, or with the wait that took too long.
 */
export async function stageApplication(kube: Kube, request: ApplicationRequest, options: StageOptions): Promise<Stage> {
  const { clock = realClock, readyDeadlineMs, removeDeadlineMs, keep = false } = options;
  const until = clock.monoMs() + readyDeadlineMs;
  const { namespace, name } = request;
  // Made before anything is created, so that what cannot be made leaves nothing behind.
  const beside = objectsBeside(request.variant?.manifests, request);
  const rayService = isRunning(request) ? undefined : await rayServiceOf(request);
  for (const secret of beside.secrets) options.onSecret?.(secret);
  await requireGatewayClass(kube, request.gatewayClassName);

  await using undo = new AsyncDisposableStack();
  await createNamespace(kube, request);
  undo.defer(async () => {
    if (!keep) await removeNamespace(kube, runNamespaceOf(request), removeDeadlineMs, clock);
  });
  let staged = false;
  undo.defer(async () => {
    if (!staged) await options.onFailure?.();
  });
  for (const object of beside.objects) await kube.apply(object);
  const within = (what: string): { what: string; deadlineMs: number; signal?: AbortSignal } => {
    options.onProgress?.(what);
    const deadlineMs = Math.max(1, until - clock.monoMs());
    return { what, deadlineMs, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  };
  if (beside.deployments.length > 0) {
    await kube.waitFor(
      { apiVersion: "apps/v1", kind: "Deployment" },
      { namespace },
      {
        ...within(`${beside.deployments.join(", ")} Available`),
        predicate: (found) => haveAvailable(found, beside.deployments),
        describe: describeDeployments,
      },
    );
  }
  if (rayService === undefined) {
    const strategy = await withStrategy(kube, request);
    undo.use(strategy);
  } else {
    if (request.own === undefined) await kube.apply(await configMapOf(request));
    await kube.apply(rayService);
  }

  const reachable = await waitReachable(kube, { namespace, name }, within);
  staged = true;
  const removing = undo.move();
  return {
    ...reachable,
    [Symbol.asyncDispose]: () => removing.disposeAsync(),
  };
}

async function requireGatewayClass(kube: Kube, name: string): Promise<void> {
  const kind = { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass" };
  if ((await kube.get({ ...kind, name })) !== undefined) return;
  const there = (await kube.list(kind)).map(({ metadata }) => metadata.name).join(", ");
  throw new SetUpError(
    `There is no GatewayClass "${name}" on the cluster; there are: ${there === "" ? "none" : there}.`,
  );
}

/** Created, not applied: a namespace that is there already belongs to somebody. */
async function createNamespace(kube: Kube, request: ApplicationRequest): Promise<void> {
  try {
    await kube.create(namespaceOf(request));
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 409)) throw error;
    throw new SetUpError(
      `Namespace ${runNamespaceOf(request)} exists already; it would be filled and removed by this run. Delete it, or end the run it belongs to.`,
    );
  }
}
