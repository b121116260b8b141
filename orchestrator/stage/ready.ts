import { z } from "zod";
import type { KubeObject } from "../kube/kube.ts";

const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
});
const conditions = z.array(condition).nullish();
type Condition = z.infer<typeof condition>;

const rayServiceSchema = z.looseObject({
  status: z
    .looseObject({
      conditions,
      activeServiceStatus: z.looseObject({ rayClusterName: z.string().nullish() }).nullish(),
      pendingServiceStatus: z
        .looseObject({
          rayClusterName: z.string().nullish(),
          applicationStatuses: z
            .record(z.string(), z.looseObject({ status: z.string().nullish(), message: z.string().nullish() }))
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
const gatewaySchema = z.looseObject({
  status: z
    .looseObject({
      conditions,
      addresses: z.array(z.looseObject({ type: z.string().nullish(), value: z.string() })).nullish(),
    })
    .nullish(),
});
const deploymentSchema = z.looseObject({ status: z.looseObject({ conditions }).nullish() });
const routeSchema = z.looseObject({
  status: z.looseObject({ parents: z.array(z.looseObject({ conditions })).nullish() }).nullish(),
});

/** The active RayCluster's name once the RayService is Ready. */
export function activeClusterIfReady(rayService: KubeObject | undefined): string | undefined {
  const { status } = rayServiceSchema.parse(rayService ?? {});
  const name = status?.activeServiceStatus?.rayClusterName ?? "";
  return isTrue(status?.conditions, "Ready") && name !== "" ? name : undefined;
}

/** The Gateway's first address once it is accepted, programmed and has one. */
export function addressIfProgrammed(gateway: KubeObject | undefined): string | undefined {
  const { status } = gatewaySchema.parse(gateway ?? {});
  return isTrue(status?.conditions, "Programmed") ? status?.addresses?.[0]?.value : undefined;
}

/** True once one of the route's parents has accepted it and found its backends. */
export function routeIfAccepted(route: KubeObject | undefined): true | undefined {
  const parents = routeSchema.parse(route ?? {}).status?.parents ?? [];
  const accepted = parents.some(
    (parent) => isTrue(parent.conditions, "Accepted") && isTrue(parent.conditions, "ResolvedRefs"),
  );
  return accepted ? true : undefined;
}

/** True once each of these Deployments is Available. */
export function haveAvailable(deployments: readonly KubeObject[], names: readonly string[]): true | undefined {
  const available = deployments.filter((each) => isTrue(deploymentSchema.parse(each).status?.conditions, "Available"));
  return names.every((name) => available.some(({ metadata }) => metadata.name === name)) ? true : undefined;
}

/** What Deployments say about themselves. */
export function describeDeployments(deployments: readonly KubeObject[]): string {
  if (deployments.length === 0) return "no Deployment";
  return deployments
    .map((each) => `${each.metadata.name}: ${told(deploymentSchema.parse(each).status?.conditions).join("; ")}`)
    .join("; ");
}

/** What a RayService that is not ready says about itself. */
export function describeRayService(rayService: KubeObject | undefined): string {
  if (rayService === undefined) return "no RayService";
  const { status } = rayServiceSchema.parse(rayService);
  const applications = Object.entries(status?.pendingServiceStatus?.applicationStatuses ?? {}).map(
    ([name, { status: state, message }]) =>
      `application ${name} ${state ?? ""} ${(message ?? "").slice(0, 300)}`.trim(),
  );
  const cluster = status?.pendingServiceStatus?.rayClusterName ?? "none yet";
  return [`RayCluster ${cluster}`, ...told(status?.conditions), ...applications].join("; ");
}

export function describeGateway(gateway: KubeObject | undefined): string {
  if (gateway === undefined) return "no Gateway (the operator creates it: is RayServiceIncrementalUpgrade on?)";
  const { status } = gatewaySchema.parse(gateway);
  return [`${String(status?.addresses?.length ?? 0)} addresses`, ...told(status?.conditions)].join("; ");
}

export function describeRoute(route: KubeObject | undefined): string {
  if (route === undefined) return "no HTTPRoute";
  const parents = routeSchema.parse(route).status?.parents ?? [];
  return parents.length === 0
    ? "no gateway has looked at it"
    : parents.flatMap((parent) => told(parent.conditions)).join("; ");
}

function isTrue(list: Condition[] | null | undefined, type: string): boolean {
  return (list ?? []).some((one) => one.type === type && one.status === "True");
}

function told(list: Condition[] | null | undefined): string[] {
  if (list == null || list.length === 0) return ["no conditions yet"];
  return list.map(
    ({ type, status, reason, message }) => `${type} ${status} (${reason ?? ""}${message ? `: ${message}` : ""})`,
  );
}
