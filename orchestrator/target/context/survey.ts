import { z } from "zod";
import { KubeError } from "../../kube/kube.ts";
import type { Access, Kube, KubeObject } from "../../kube/kube.ts";
import { OPERATOR_SELECTORS } from "../../kube/platform.ts";
import { amountOf } from "../../plan/quantity.ts";
import { lackingAccess } from "./role.ts";

/** What was found out, or why it was not. */
export type Told<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly why: string };

type SurveyedKube = Pick<Kube, "server" | "serverVersion" | "allowed" | "get" | "list">;

/** A CustomResourceDefinition. */
export interface Crd {
  /** Versions that the API server serves. */
  readonly served: readonly string[];
  /** Of Gateway API's: its release, e.g. `v1.5.1`. */
  readonly bundle: string | null;
  /** Whether a RayService can say how traffic moves to a new RayCluster. */
  readonly upgradesIncrementally: boolean;
}

/** A Deployment of the KubeRay operator. */
export interface Operator {
  /** As namespace/name. */
  readonly deployment: string;
  readonly image: string;
  /** By the image's tag, without `v`; null where that is none. */
  readonly version: string | null;
  /** What its arguments say of the feature gate; null where they say nothing. */
  readonly gate: boolean | null;
  /** Pods that are available. */
  readonly available: number;
}

export interface GatewayClass {
  readonly name: string;
  readonly controller: string;
  readonly accepted: boolean;
}

/** What a cluster has of what a run needs. */
export interface Survey {
  readonly server: string;
  readonly kubernetes: Told<string>;
  /** Rights that whoever asks has not. */
  readonly lacking: Told<readonly Access[]>;
  /** Null where there is none. */
  readonly rayService: Told<Crd | null>;
  readonly httpRoute: Told<Crd | null>;
  readonly operators: Told<readonly Operator[]>;
  readonly gatewayClasses: Told<readonly GatewayClass[]>;
  /** CPUs and bytes of memory that nodes have for pods. */
  readonly room: Told<{ readonly nodes: number; readonly cpus: number; readonly memoryGiB: number }>;
  /** Whose the application's namespace is: nobody's, a run's of zerodrop, or somebody else's. */
  readonly namespace: Told<"free" | "ours" | "taken">;
  /** Names of ResourceQuotas in the application's namespace. */
  readonly quotas: Told<readonly string[]>;
}

const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
const BUNDLE = "gateway.networking.k8s.io/bundle-version";
const GATEWAY_CLASS = { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass" };
/** KubeRay's feature gate for NewClusterWithIncrementalUpgrade. */
const GATE = "RayServiceIncrementalUpgrade";

const crdSchema = z.looseObject({
  spec: z.looseObject({
    versions: z.array(
      z.looseObject({
        name: z.string(),
        served: z.boolean(),
        schema: z.looseObject({ openAPIV3Schema: z.unknown() }).optional(),
      }),
    ),
  }),
});
/** Where a RayService's schema has the options of an incremental upgrade. */
const optionsSchema = z.looseObject({
  properties: z.looseObject({
    spec: z.looseObject({
      properties: z.looseObject({
        upgradeStrategy: z.looseObject({ properties: z.looseObject({ clusterUpgradeOptions: z.unknown() }) }),
      }),
    }),
  }),
});
const deploymentSchema = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        containers: z.tuple([z.looseObject({ image: z.string(), args: z.array(z.string()).optional() })], z.unknown()),
      }),
    }),
  }),
  status: z.looseObject({ availableReplicas: z.number().optional() }).optional(),
});
const classSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ controllerName: z.string() }),
  status: z
    .looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional() })
    .optional(),
});
const nodeSchema = z.looseObject({ status: z.looseObject({ allocatable: z.record(z.string(), z.string()) }) });

/**
 * Looks at a cluster and changes nothing. What may not be looked at, or cannot be read, is told as such.
 *
 * @param application Namespace that a run would make, and how to tell by its labels whether one is a run's.
 */
export async function surveyCluster(
  kube: SurveyedKube,
  application: { readonly namespace: string; readonly isOurs: (labels: Record<string, string> | undefined) => boolean },
): Promise<Survey> {
  const { namespace } = application;
  const [kubernetes, lacking, rayService, httpRoute, operators, gatewayClasses, room, owner, quotas] =
    await Promise.all([
      told(async () => kube.serverVersion()),
      told(async () => lackingAccess(kube)),
      told(async () => crdOf(await kube.get({ ...CRD, name: "rayservices.ray.io" }))),
      told(async () => crdOf(await kube.get({ ...CRD, name: "httproutes.gateway.networking.k8s.io" }))),
      told(async () => operatorsOf(kube)),
      told(async () => classesOf(kube)),
      told(async () => roomOf(await kube.list({ apiVersion: "v1", kind: "Node" }))),
      told(async () => kube.get({ apiVersion: "v1", kind: "Namespace", name: namespace })),
      told(async () =>
        (await kube.list({ apiVersion: "v1", kind: "ResourceQuota" }, { namespace })).map(
          ({ metadata }) => metadata.name,
        ),
      ),
    ] as const);
  return {
    ...{ server: kube.server, kubernetes, lacking, rayService, httpRoute, operators, gatewayClasses, room, quotas },
    namespace: mapped(owner, (found) =>
      found === undefined ? "free" : application.isOurs(found.metadata.labels) ? "ours" : "taken",
    ),
  };
}

async function told<T>(ask: () => Promise<T>): Promise<Told<T>> {
  try {
    return { known: true, value: await ask() };
  } catch (error) {
    // That somebody may not ask is a fact about a cluster; one that does not answer has none.
    if (!(error instanceof KubeError) || error.status === 0) throw error;
    return { known: false, why: error.message };
  }
}

function mapped<A, B>(from: Told<A>, by: (value: A) => B): Told<B> {
  return from.known ? { known: true, value: by(from.value) } : from;
}

function crdOf(object: KubeObject | undefined): Crd | null {
  const read = crdSchema.safeParse(object);
  if (object === undefined || !read.success) return null;
  const { versions } = read.data.spec;
  const v1 = versions.find(({ name }) => name === "v1")?.schema?.openAPIV3Schema;
  const options = optionsSchema.safeParse(v1);
  return {
    served: versions.flatMap(({ name, served }) => (served ? [name] : [])),
    bundle: object.metadata.annotations?.[BUNDLE] ?? null,
    upgradesIncrementally:
      options.success &&
      options.data.properties.spec.properties.upgradeStrategy.properties.clusterUpgradeOptions !== undefined,
  };
}

async function operatorsOf(kube: SurveyedKube): Promise<Operator[]> {
  for (const selector of OPERATOR_SELECTORS) {
    const found = await kube.list({ apiVersion: "apps/v1", kind: "Deployment" }, selector);
    const operators = found.flatMap((object) => operatorOf(object) ?? []);
    if (operators.length > 0) return operators;
  }
  return [];
}

function operatorOf(object: KubeObject): Operator | undefined {
  const read = deploymentSchema.safeParse(object);
  if (!read.success) return undefined;
  const [{ image, args = [] }] = read.data.spec.template.spec.containers;
  return {
    deployment: `${object.metadata.namespace ?? ""}/${object.metadata.name}`,
    image,
    version: /:v?(\d+\.\d+\.\d+[^@]*)/.exec(image)?.[1] ?? null,
    gate: gateIn(args),
    available: read.data.status?.availableReplicas ?? 0,
  };
}

/** Kubernetes' way of feature gates: `--feature-gates=A=true,B=false`, or the value as an argument of its own; the last one counts. */
function gateIn(args: readonly string[]): boolean | null {
  const gates = args.flatMap((arg, index) => {
    const value = arg === "--feature-gates" ? args[index + 1] : /^--feature-gates=(.*)$/.exec(arg)?.[1];
    return value?.split(",") ?? [];
  });
  const last = gates.findLast((gate) => gate.startsWith(`${GATE}=`));
  return last === undefined ? null : last === `${GATE}=true`;
}

async function classesOf(kube: SurveyedKube): Promise<GatewayClass[]> {
  const found = await kube.list(GATEWAY_CLASS).catch((error: unknown) => {
    // Without Gateway API's CustomResourceDefinitions nobody has heard of the kind.
    if (error instanceof KubeError && error.status === 404) return [];
    throw error;
  });
  return found.flatMap((object) => {
    const read = classSchema.safeParse(object);
    if (!read.success) return [];
    const { metadata, spec, status } = read.data;
    const accepted = status?.conditions?.some(({ type, status: is }) => type === "Accepted" && is === "True") ?? false;
    return [{ name: metadata.name, controller: spec.controllerName, accepted }];
  });
}

function roomOf(nodes: readonly KubeObject[]) {
  const allocatable = nodes.flatMap((node) => {
    const read = nodeSchema.safeParse(node);
    return read.success ? [read.data.status.allocatable] : [];
  });
  const sum = (of: string): number =>
    allocatable.reduce((total, resources) => total + (amountOf(resources[of] ?? "0") ?? 0), 0);
  return { nodes: nodes.length, cpus: sum("cpu"), memoryGiB: sum("memory") / 1024 ** 3 };
}
