import { KubeError } from "../../kube/kube.ts";
import type { KindRef, Kube, KubeObject, Selector } from "../../kube/kube.ts";
import { OPERATOR_SELECTORS } from "../../kube/platform.ts";
import { SetUpError } from "../../plan/errors.ts";
import { z } from "zod";
import { isPlatforms, type PlatformPart } from "./labels.ts";
import { nameOf } from "./parts.ts";

/** Labels of a part's controller, wherever and however it was installed, and what would make it fit for a run. */
const CONTROLLERS: Readonly<
  Partial<
    Record<PlatformPart, { readonly what: string; readonly selectors: readonly Selector[]; readonly remedy: string }>
  >
> = {
  kuberay: {
    what: "KubeRay",
    selectors: OPERATOR_SELECTORS,
    remedy:
      "it needs version 1.5.1 or later with its CustomResourceDefinitions, and --feature-gates=RayServiceIncrementalUpgrade=true",
  },
  "envoy-gateway": {
    what: "Envoy Gateway",
    selectors: [{ labelSelector: "control-plane=envoy-gateway" }],
    remedy: "give it a GatewayClass with controllerName gateway.envoyproxy.io/gatewayclass-controller",
  },
};

const containersSchema = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        containers: z.array(z.looseObject({ image: z.string(), args: z.array(z.string()).optional() })),
      }),
    }),
  }),
});

/**
 * Looks whether parts can be installed without touching what is somebody else's, and changes nothing.
 *
 * @throws SetUpError, one sentence, for a controller of a part that is there already, or for an object that would be changed and has not the installer's label.
 */
export async function refuseOthers(
  kube: Pick<Kube, "get" | "list">,
  { parts, objects }: { readonly parts: readonly PlatformPart[]; readonly objects: readonly KubeObject[] },
  signal?: AbortSignal,
): Promise<void> {
  for (const part of parts) await refuseOtherController(kube, part, signal);
  const found = await Promise.all(objects.map((object) => there(kube, object, signal)));
  const others = found.filter((object) => object !== undefined && !isPlatforms(object.metadata.labels));
  const [first] = others;
  if (first === undefined) return;
  const more = others.length === 1 ? "" : ` (and ${String(others.length - 1)} more)`;
  throw new SetUpError(
    `The platform is not installed over what is somebody else's: ${nameOf(first)}${more} is there without the label zerodrop.dev/platform; remove it, or give the cluster what doctor asks for in the way it came.`,
  );
}

async function refuseOtherController(
  kube: Pick<Kube, "list">,
  part: PlatformPart,
  signal: AbortSignal | undefined,
): Promise<void> {
  const controller = CONTROLLERS[part];
  if (controller === undefined) return;
  for (const selector of controller.selectors) {
    const deployments = await kube.list({ apiVersion: "apps/v1", kind: "Deployment" }, selector, signal);
    const other = deployments.find(({ metadata }) => !isPlatforms(metadata.labels));
    if (other === undefined) continue;
    throw new SetUpError(
      `${controller.what} is not installed beside one that is somebody else's: ${nameOf(other)} runs ${runsWhat(other)}; ${controller.remedy}, or has to go.`,
    );
  }
}

/** Image and feature gates, by which a version and what is switched on can be told. */
function runsWhat(deployment: KubeObject): string {
  const [container] = containersSchema.safeParse(deployment).data?.spec.template.spec.containers ?? [];
  if (container === undefined) return "an unknown image";
  const gates = container.args?.filter((argument) => argument.includes("RayServiceIncrementalUpgrade")) ?? [];
  return [container.image, ...gates].join(" ");
}

/** The object as it is on the cluster; undefined where it is not, or where nobody has heard of its kind yet. */
async function there(
  kube: Pick<Kube, "get">,
  { apiVersion, kind, metadata: { name, namespace } }: KubeObject,
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  const ref = { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
  return kube.get(ref, signal).catch(unknownKind(undefined));
}

/** Takes a kind that the API server does not serve for one without objects. */
export function unknownKind<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof KubeError && error.status === 404) return instead;
    throw error;
  };
}

/** Objects of a kind; none where the API server does not serve it. */
export function listed(
  kube: Pick<Kube, "list">,
  kind: KindRef,
  selector: Selector,
  signal: AbortSignal | undefined,
): Promise<KubeObject[]> {
  return kube.list(kind, selector, signal).catch(unknownKind<KubeObject[]>([]));
}
