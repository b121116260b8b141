import { IMAGES, OLDER_KUBERAY } from "../../scripts/artefacts/list.ts";
import { versions } from "../../scripts/artefacts/versions.ts";
import { UsageError } from "../plan/errors.ts";
import {
  DEFAULT_GATEWAY_CLASS,
  embeddedGatewayClass,
  partsOfOthers,
  type EmbeddedGatewayClass,
} from "../plan/gateways.ts";
import { stepsOf, type Plan } from "../plan/plan.ts";
import type { Service } from "../plan/service.ts";
import type { ApplicationRequest, OwnApplication } from "../stage/manifests.ts";
import { objectsBeside } from "../stage/objects-beside.ts";
import { SYSTEM_NAMESPACE } from "./run-lease.ts";

/**
 * Refuses a plan with other versions than the embedded cluster is built from: they would be asked for and not run. The operator has an older one
 * beside its own, for steps that change it.
 *
 * @throws UsageError with the first of them.
 */
export function refuseOtherVersions(plan: Plan): void {
  if (plan.target !== "embedded") return;
  const others = partsOfOthers(gatewayClassOf(plan));
  for (const [part, built] of Object.entries(versions)) {
    const asked = plan.versions[part];
    // Of a gateway that is not there for this run.
    if (asked === undefined && others.includes(part)) continue;
    const ownImage = (part === "ray" || part === "k6") && plan.images?.[part] !== undefined;
    if (asked === built || ownImage) continue;
    throw new UsageError(
      `versions.${part} must be ${built} on the embedded cluster, which is built from it (for ray and k6 an image of your own may be given with images.${part}); received "${asked ?? "nothing"}".`,
    );
  }
  const operators = [versions.kuberay, OLDER_KUBERAY];
  for (const step of stepsOf(plan)) {
    if (step.do !== "operator" || operators.includes(step.version)) continue;
    throw new UsageError(
      `Scenario ${plan.scenario}: a step's operator must be of version ${operators.join(" or ")} on the embedded cluster, which has no other; received "${step.version}".`,
    );
  }
}

/** The embedded cluster's GatewayClass that a plan asks for. */
export function gatewayClassOf({ gateway }: Pick<Plan, "gateway">): EmbeddedGatewayClass {
  return embeddedGatewayClass(gateway.className) ?? DEFAULT_GATEWAY_CLASS;
}

/** The application that a plan asks for, in its first version and with the images built here unless the plan names others. */
export function applicationOf(plan: Plan): ApplicationRequest {
  const rayVersion = plan.versions["ray"] ?? "";
  return {
    runId: plan.runId,
    namespace: plan.application.namespace,
    name: plan.application.name,
    version: plan.application.versionBefore,
    image: plan.images?.["ray"] ?? (plan.target === "embedded" ? IMAGES.ray : `rayproject/ray:${rayVersion}`),
    rayVersion,
    strategy: plan.strategy,
    profile: plan.profile,
    serveIngress: plan.serveIngress,
    gatewayClassName: plan.gateway.className ?? DEFAULT_GATEWAY_CLASS,
    gatewayController: plan.gateway.controller,
    ...(plan.application.variant === undefined ? {} : { variant: plan.application.variant }),
    ...(plan.load.namespace === undefined ? {} : { runNamespace: plan.load.namespace }),
    ...(plan.service === undefined ? {} : { own: ownOf(plan, plan.service) }),
  };
}

/** An application of the user's, with Ray's image where the cluster cannot have the public one, or where another is asked for. */
function ownOf(plan: Plan, { rayService }: Service): OwnApplication {
  const image = plan.images?.["ray"] ?? (plan.target === "embedded" ? IMAGES.ray : undefined);
  return { rayService, image: rayService === undefined ? undefined : image };
}

/** What runs on the embedded cluster want of it. */
export function embeddedWants(): { gatewayClass: string; loadImage: string } {
  return { gatewayClass: DEFAULT_GATEWAY_CLASS, loadImage: IMAGES.load };
}

/** What a run of this plan would create on the cluster, for --dry-run. */
export function whatIsCreated(plan: Plan): string[] {
  const { namespace, name, variant } = plan.application;
  const loadNamespace = plan.load.namespace ?? namespace;
  const load = `the load's ConfigMap and Job${plan.load.outK6 === undefined ? "" : ", and the Secret of its outputs"}`;
  const { objects } = objectsBeside(variant?.manifests, { runId: plan.runId, namespace });
  const beside = objects.map(({ kind, metadata }) => `, ${kind} ${metadata.name}`).join("");
  return [
    `Namespace ${SYSTEM_NAMESPACE} with Lease run`,
    loadNamespace === namespace
      ? `Namespace ${namespace} with ${plan.service === undefined ? "ConfigMap, " : ""}RayService ${name}, and ${load}${beside}`
      : `Namespace ${loadNamespace} with ${load}; RayService ${namespace}/${name} is there, and is changed`,
  ];
}
