import { z } from "zod";
import { KubeError } from "../../kube/kube.ts";
import type { JsonPatchOperation, Kube, KubeObject, ObjectRef, Selector } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import type { FaultContext } from "./fault.ts";
import { readTargetPod, type TargetPod } from "./target.ts";

export const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };

const replicaSetSchema = z.looseObject({
  metadata: z.looseObject({
    ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string() })).nullish(),
  }),
});

const annotations = z.record(z.string(), z.string()).nullish();
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);

const deploymentSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string(), generation: z.number(), annotations }),
  spec: z.looseObject({
    replicas: z
      .number()
      .nullish()
      .transform((value) => value ?? 1),
    template: z.looseObject({ metadata: z.looseObject({ annotations }).nullish() }),
  }),
  status: z
    .looseObject({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      availableReplicas: count,
    })
    .nullish(),
});

export type Deployment = z.infer<typeof deploymentSchema>;

export interface DeploymentRef extends ObjectRef {
  readonly namespace: string;
}

/** Until a pod of it has ended and another one taken its place; a data plane drains for up to a minute first. */
export const REPLACED_WITHIN_MS = 240_000;

/** Until a Deployment's replicas are available again: its pods start, and a controller may wait for a predecessor's lease. */
export const WHOLE_WITHIN_MS = 120_000;

/** The Deployments there are; none where listing them is refused: there a run could not have changed any. */
export async function listDeployments(kube: Kube, selector: Selector, signal?: AbortSignal): Promise<KubeObject[]> {
  try {
    return await kube.list(DEPLOYMENT, selector, signal);
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return [];
    throw error;
  }
}

/** The path of an annotation below the path of its map, as RFC 6901 has it. */
export function annotationPath(annotations: string, key: string): string {
  return `${annotations}/${key.replaceAll("/", "~1")}`;
}

/** Sets an annotation, at `path`, of an object that has these, or none at all. */
export function annotate(
  there: Readonly<Record<string, string>> | null | undefined,
  path: string,
  key: string,
  value: string,
): JsonPatchOperation {
  if (there == null) return { op: "add", path, value: { [key]: value } };
  return { op: "add", path: annotationPath(path, key), value };
}

/** An object as a Deployment. Throws when it is none. */
export function readDeployment(object: KubeObject): Deployment {
  return deploymentSchema.parse(object);
}

export function refOf({ metadata: { name, namespace } }: Pick<Deployment, "metadata">): DeploymentRef {
  return { ...DEPLOYMENT, name, namespace };
}

/** A Deployment as records name it. */
export function nameOf({ namespace, name }: DeploymentRef): string {
  return `${namespace}/${name}`;
}

/** The Deployment that made a pod, by way of its ReplicaSet. @throws SetUpError when it was made otherwise. */
export async function deploymentOf({ kube, signal }: FaultContext, pod: TargetPod): Promise<Deployment> {
  const { namespace, replicaSet } = pod;
  const owner = await (replicaSet === undefined
    ? undefined
    : kube.get({ apiVersion: "apps/v1", kind: "ReplicaSet", namespace, name: replicaSet }, signal));
  const owners = owner === undefined ? [] : (replicaSetSchema.parse(owner).metadata.ownerReferences ?? []);
  const name = owners.find(({ kind }) => kind === "Deployment")?.name;
  const object = await (name === undefined ? undefined : kube.get({ ...DEPLOYMENT, namespace, name }, signal));
  if (object === undefined) {
    throw new SetUpError(`A fault needs the Deployment of ${pod.of}; pod ${namespace}/${pod.name} belongs to none.`);
  }
  return readDeployment(object);
}

/**
 * Waits, by watch, until the Deployment's controller has seen its spec, and every replica that it wants is of that spec and available; none of an
 * older spec is left.
 *
 * @throws DeadlineError with the counts last seen.
 */
export async function waitWhole(
  kube: Kube,
  ref: DeploymentRef,
  waiting: { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  await kube.waitFor(
    DEPLOYMENT,
    { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}` },
    {
      what: `Deployment ${nameOf(ref)} to be whole again`,
      predicate: ([object]) => (object !== undefined && isWhole(readDeployment(object)) ? true : undefined),
      describe: ([object]) => (object === undefined ? "no Deployment" : counts(readDeployment(object))),
      ...waiting,
    },
  );
}

function isWhole({ metadata, spec, status }: Deployment): boolean {
  return (
    status != null &&
    status.observedGeneration >= metadata.generation &&
    [status.replicas, status.updatedReplicas, status.availableReplicas].every((seen) => seen === spec.replicas)
  );
}

function counts({ metadata, spec, status }: Deployment): string {
  return [
    `generation ${String(metadata.generation)}, observed ${String(status?.observedGeneration ?? 0)}`,
    `${String(spec.replicas)} replicas wanted, ${String(status?.replicas ?? 0)} there`,
    `${String(status?.updatedReplicas ?? 0)} of the latest spec, ${String(status?.availableReplicas ?? 0)} available`,
  ].join("; ");
}

/** Waits, by watch, until none of these pods of one namespace is there any more. */
export async function waitGone(
  kube: Kube,
  pods: readonly [TargetPod, ...TargetPod[]],
  waiting: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const uids = new Set(pods.map(({ uid }) => uid));
  const left = (objects: KubeObject[]): string[] =>
    objects.flatMap(({ metadata }) => (uids.has(metadata.uid ?? "") ? [metadata.name] : []));
  await kube.waitFor(
    { apiVersion: "v1", kind: "Pod" },
    { namespace: pods[0].namespace },
    {
      what: `The end of the pods of ${pods[0].of}`,
      predicate: (objects) => (left(objects).length === 0 ? true : undefined),
      describe: (objects) => `still there: ${left(objects).join(", ")}`,
      ...waiting,
    },
  );
}

/**
 * Waits, by watch, until a pod of a ReplicaSet is gone and as many others of it as there are to be are Ready. The counts of a Deployment's status do not tell
 * it: for a moment they still have the pod that is gone.
 */
export async function waitReplaced(
  kube: Kube,
  pod: TargetPod,
  { replicas, ...waiting }: { readonly replicas: number; readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const readyOthers = (objects: KubeObject[]): TargetPod[] =>
    objects
      .map((object) => readTargetPod(object, pod.of))
      .filter(({ uid, replicaSet, ready, leaving }) => {
        return uid !== pod.uid && replicaSet === pod.replicaSet && ready && !leaving;
      });
  await kube.waitFor(
    { apiVersion: "v1", kind: "Pod" },
    { namespace: pod.namespace },
    {
      what: `Another pod in the place of ${pod.name}`,
      predicate: (objects) => {
        const isThere = objects.some(({ metadata }) => metadata.uid === pod.uid);
        return !isThere && readyOthers(objects).length >= replicas ? true : undefined;
      },
      describe: (objects) => `${String(readyOthers(objects).length)} others Ready, of ${String(replicas)}`,
      ...waiting,
    },
  );
}
