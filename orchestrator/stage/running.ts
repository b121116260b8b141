import { z } from "zod";
import type { JsonPatchOperation, Kube } from "../kube/kube.ts";
import { SetUpError } from "../plan/errors.ts";
import { jsonSchema, type Json } from "../plan/json-patch.ts";
import { asRun, INCREMENTAL, specFactsOf } from "../plan/own-spec.ts";
import { isDeepStrictEqual } from "node:util";
import type { ApplicationRequest } from "./manifests.ts";
import { runSettingsOf } from "./own-manifest.ts";
import { activeClusterIfReady } from "./ready.ts";

const RAY_SERVICE = { apiVersion: "ray.io/v1", kind: "RayService" };
const PLACE = "/spec/upgradeStrategy";

const objectSchema = z.looseObject({
  metadata: z.looseObject({
    generation: z.number(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.record(z.string(), jsonSchema),
});

/**
 * The spec and the annotations of a RayService that runs already. Looks only.
 *
 * @throws SetUpError, one sentence with the remedy, when it is not there, not Ready, or not upgraded incrementally.
 */
export async function readRunning(
  kube: Kube,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<{
  readonly spec: Readonly<Record<string, Json>>;
  readonly generation: number;
  readonly annotations?: Readonly<Record<string, string>>;
}> {
  const named = `RayService ${namespace}/${name}`;
  const object = await kube.get({ ...RAY_SERVICE, namespace, name });
  if (object === undefined) {
    const there = (await kube.list(RAY_SERVICE, { namespace })).map(({ metadata }) => metadata.name).join(", ");
    throw new SetUpError(`There is no ${named}; in that namespace there are: ${there === "" ? "none" : there}.`);
  }
  const { spec, metadata } = objectSchema.parse(object);
  if (!specFactsOf(spec).isIncremental) {
    throw new SetUpError(
      `${named} must have upgradeStrategy.type ${INCREMENTAL}, without which no Gateway moves its traffic; set it with clusterUpgradeOptions and wait until it is Ready.`,
    );
  }
  if (activeClusterIfReady(object) === undefined) {
    throw new SetUpError(
      `${named} must be Ready before it is changed under load; kubectl describe says what it waits for.`,
    );
  }
  const { generation, annotations } = metadata;
  return { spec, generation, ...(annotations && { annotations }) };
}

/**
 * Gives a running RayService the strategy of the run, which makes no new RayCluster. Disposing of the answer gives it back its own, and
 * rejects with a KubeError where somebody else has changed it meanwhile: then it is left as it is.
 *
 * @throws SetUpError as readRunning does.
 */
export async function withStrategy(kube: Kube, request: ApplicationRequest): Promise<AsyncDisposable> {
  const { namespace, name } = request;
  const { spec, generation } = await readRunning(kube, request);
  const own = spec["upgradeStrategy"] ?? null;
  const wanted = asRun(spec, runSettingsOf(request))["upgradeStrategy"] ?? null;
  if (isDeepStrictEqual(own, wanted)) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const set = (from: JsonPatchOperation, to: Json): Promise<unknown> =>
    kube.patch({ ...RAY_SERVICE, namespace, name }, [from, { op: "replace", path: PLACE, value: to }]);
  await set({ op: "test", path: "/metadata/generation", value: generation }, wanted);
  return {
    [Symbol.asyncDispose]: async () => {
      await set({ op: "test", path: PLACE, value: wanted }, own);
    },
  };
}
