import { z } from "zod";
import type { JsonPatchOperation, Kube } from "../kube/kube.ts";
import { OPERATOR_SELECTORS } from "../kube/platform.ts";
import { SetUpError } from "../plan/errors.ts";
import {
  annotate,
  annotationPath,
  listDeployments,
  nameOf,
  readDeployment,
  refOf,
  waitWhole,
  WHOLE_WITHIN_MS,
} from "./faults/deployment.ts";
import type { DeploymentRef } from "./faults/deployment.ts";

/** On the operator's Deployment while it has another image than it was given: that one, for whoever has to give it back. */
const IMAGE_BEFORE = "zerodrop.dev/image-before";
/** Likewise while its container has another environment: that one as JSON, null where there was none. */
const ENVIRONMENT_BEFORE = "zerodrop.dev/environment-before";
const ANNOTATIONS = "/metadata/annotations";
const IMAGE = "/spec/template/spec/containers/0/image";
const ENVIRONMENT = "/spec/template/spec/containers/0/env";

const environmentSchema = z.array(z.looseObject({ name: z.string() }));
const imageSchema = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        containers: z.tuple([z.looseObject({ image: z.string(), env: environmentSchema.nullish() })], z.unknown()),
      }),
    }),
  }),
});

interface Operator {
  readonly ref: DeploymentRef;
  readonly image: string;
  readonly environment: z.infer<typeof environmentSchema> | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

interface Waiting {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** What was done to the operator, for the record. */
export interface OperatorFacts {
  /** Its Deployment, as namespace/name. */
  readonly deployment: string;
  readonly from: string;
  readonly to: string;
  /** The image it runs now. */
  readonly image: string;
}

/**
 * Gives the KubeRay operator's Deployment the image of another version, from the same repository, and waits until its one pod is of that image and
 * available. The image it was given at first stands on the Deployment meanwhile, so that `restoreOperatorVersion` can put it back. What is not the
 * image stays: CustomResourceDefinitions, roles and arguments are those of the version that was installed.
 *
 * @throws SetUpError when there is no operator, or its image has no tag; DeadlineError when it does not become available; KubeError when the patch is
 *   refused.
 */
export async function setOperatorVersion(kube: Kube, version: string, waiting: Waiting): Promise<OperatorFacts> {
  const operator = await operatorOf(kube, waiting.signal);
  if (operator === undefined) throw new SetUpError("There is no Deployment of the KubeRay operator on the cluster.");
  const { repository, tag } = taggedOf(operator);
  const image = `${repository}:${version}`;
  if (tag !== version) await setImage(kube, operator, image);
  await waitWhole(kube, operator.ref, waiting);
  return { deployment: nameOf(operator.ref), from: tag, to: version, image };
}

/**
 * Gives the KubeRay operator's Deployment another image, and its container one more environment variable, and waits until its one pod is of that image and
 * available. Image and environment from before stand on the Deployment meanwhile, so that `restoreOperatorVersion` can put both back.
 *
 * @returns the Deployment, as namespace/name.
 * @throws SetUpError when there is no operator; DeadlineError when it does not become available; KubeError when the patch is refused.
 */
export async function setOperatorImage(
  kube: Kube,
  { image, variable }: { readonly image: string; readonly variable: { readonly name: string; readonly value: string } },
  waiting: Waiting,
): Promise<string> {
  const operator = await operatorOf(kube, waiting.signal);
  if (operator === undefined) throw new SetUpError("There is no Deployment of the KubeRay operator on the cluster.");
  const others = (operator.environment ?? []).filter(({ name }) => name !== variable.name);
  await setImage(kube, operator, image, [...others, { ...variable }]);
  await waitWhole(kube, operator.ref, waiting);
  return nameOf(operator.ref);
}

/**
 * Puts the image back that `setOperatorVersion` or `setOperatorImage` replaced, if one did, and with it the environment, and waits until the operator is available. To be called before a run, and at the
 * end of one before the application is removed: an older operator leaves a newer one's finalizers where they are.
 *
 * @returns whether there was anything to put back.
 */
export async function restoreOperatorVersion(kube: Kube, signal?: AbortSignal): Promise<boolean> {
  const operator = await operatorOf(kube, signal);
  const before = operator?.annotations?.[IMAGE_BEFORE];
  if (operator === undefined || before === undefined) return false;
  await setImage(kube, operator, before);
  const deadlineMs = WHOLE_WITHIN_MS;
  await waitWhole(kube, operator.ref, { deadlineMs, ...(signal === undefined ? {} : { signal }) });
  return true;
}

/** The patch applies to what was read or not at all. With the image from before comes the environment from before. */
async function setImage(
  kube: Kube,
  { ref, image, environment, annotations }: Operator,
  to: string,
  wanted?: NonNullable<Operator["environment"]>,
): Promise<void> {
  const before = annotations?.[IMAGE_BEFORE];
  const environmentBefore = annotations?.[ENVIRONMENT_BEFORE];
  const operations: JsonPatchOperation[] = [
    { op: "test", path: IMAGE, value: image },
    { op: "replace", path: IMAGE, value: to },
  ];
  if (before === to) operations.push({ op: "remove", path: annotationPath(ANNOTATIONS, IMAGE_BEFORE) });
  else if (before === undefined) operations.push(annotate(annotations, ANNOTATIONS, IMAGE_BEFORE, image));
  if (wanted !== undefined) {
    operations.push({ op: "add", path: ENVIRONMENT, value: wanted });
    if (environmentBefore === undefined) {
      // By then there are annotations.
      operations.push(annotate({}, ANNOTATIONS, ENVIRONMENT_BEFORE, JSON.stringify(environment ?? null)));
    }
  } else if (before === to && environmentBefore !== undefined) {
    const value = environmentSchema.nullable().parse(JSON.parse(environmentBefore));
    operations.push(value === null ? { op: "remove", path: ENVIRONMENT } : { op: "add", path: ENVIRONMENT, value });
    operations.push({ op: "remove", path: annotationPath(ANNOTATIONS, ENVIRONMENT_BEFORE) });
  }
  await kube.patch(ref, operations);
}

async function operatorOf(kube: Kube, signal: AbortSignal | undefined): Promise<Operator | undefined> {
  for (const selector of OPERATOR_SELECTORS) {
    const [object] = await listDeployments(kube, selector, signal);
    if (object === undefined) continue;
    const deployment = readDeployment(object);
    const { containers } = imageSchema.parse(object).spec.template.spec;
    return {
      ref: refOf(deployment),
      image: containers[0].image,
      environment: containers[0].env ?? undefined,
      annotations: deployment.metadata.annotations ?? undefined,
    };
  }
  return undefined;
}

/** An image's repository and tag. A colon before a slash is a registry's port. */
function taggedOf({ image, ref }: Operator): { repository: string; tag: string } {
  const [, repository, tag] = /^([^@]+):([^:/@]+)$/.exec(image) ?? [];
  if (repository === undefined || tag === undefined) {
    throw new SetUpError(
      `The operator's version can be changed only where its image has a tag; Deployment ${nameOf(ref)} has the image ${image}.`,
    );
  }
  return { repository, tag };
}
