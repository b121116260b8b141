import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import type { KubeObject } from "../kube/kube.ts";
import { UsageError } from "../plan/errors.ts";
import { refuseSharedGcsNamespace } from "../plan/gcs-namespace.ts";
import { refusePlainGcsPassword } from "../plan/gcs-password.ts";
import type { Json } from "../plan/json-patch.ts";
import type { Variant } from "../plan/scenario-parts.ts";
import { labelsOf } from "./labels.ts";
import { ownRayServiceOf } from "./own-manifest.ts";
import { deletionDelayOf, patchedBy, serveConfigOf } from "./variant.ts";

/** The application under test as it is asked for. */
export interface ApplicationRequest {
  readonly runId: string;
  readonly namespace: string;
  /** What the run creates is in this one, where the application runs already in one of the user's; left out: the application's. */
  readonly runNamespace?: string;
  /** Name of the RayService. */
  readonly name: string;
  readonly version: string;
  /** Image of head, workers and autoscaler. */
  readonly image: string;
  /** Version of Ray in the image; KubeRay chooses its health checks by it. */
  readonly rayVersion: string;
  readonly strategy: {
    readonly stepSizePercent: number;
    readonly intervalSeconds: number;
    readonly maxSurgePercent: number;
  };
  readonly profile: "small" | "standard";
  readonly serveIngress: "haproxy" | "proxy";
  readonly gatewayClassName: string;
  /** Name of the controller that the GatewayClass names. */
  readonly gatewayController: string;
  /** How it differs from manifests/app; not at all when left out. */
  readonly variant?: Variant;
  /** An application of the user's instead of manifests/app. */
  readonly own?: OwnApplication;
}

/** An application of the user's. */
export interface OwnApplication {
  /** The RayService as its manifest has it; undefined for one that runs already. */
  readonly rayService: Readonly<Record<string, Json>> | undefined;
  /** What is put for every image of repository rayproject/ray; undefined: those stay. */
  readonly image: string | undefined;
}

const APP = new URL("../../manifests/app/", import.meta.url);
const CONFIG_MAP_SUFFIX = "-app";

const env = z.array(z.looseObject({ name: z.string() }));
const template = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    volumes: z.array(z.looseObject({ name: z.string() })),
    // KubeRay takes the first for Ray's; what may be beside it is left as it is.
    containers: z.tuple([z.looseObject({ name: z.string(), image: z.string(), env })], z.unknown()),
  }),
});

/** Everything the runner sets, so that a manifest that has lost one of these places is named as the cause. */
const rayServiceSchema = z.looseObject({
  apiVersion: z.literal("ray.io/v1"),
  kind: z.literal("RayService"),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    upgradeStrategy: z.looseObject({ clusterUpgradeOptions: z.looseObject({ gatewayClassName: z.string() }) }),
    serveConfigV2: z.string(),
    rayClusterConfig: z.looseObject({
      rayVersion: z.string(),
      autoscalerOptions: z.looseObject({}),
      headGroupSpec: z.looseObject({ template }),
      workerGroupSpecs: z.array(z.looseObject({ template })).min(1),
    }),
  }),
});

const resourcesSchema = z.looseObject({
  requests: z.record(z.string(), z.string()),
  limits: z.record(z.string(), z.string()),
});
const profilesSchema = z.record(
  z.enum(["small", "standard"]),
  z.object({
    head: resourcesSchema,
    worker: resourcesSchema,
    autoscaler: resourcesSchema,
    "cpu-after": z.string(),
    "cpu-third": z.string(),
  }),
);

/** Ray's data plane behind the serve port: HAProxy, or Serve's own proxy (the default of Ray 2.60). */
const INGRESS_ENV: Record<ApplicationRequest["serveIngress"], { name: string; value: string }[]> = {
  haproxy: [
    { name: "RAY_SERVE_ENABLE_HA_PROXY", value: "1" },
    { name: "RAY_SERVE_THROUGHPUT_OPTIMIZED", value: "1" },
  ],
  proxy: [],
};

async function readYaml(name: string): Promise<unknown> {
  return parse(await readFile(new URL(name, APP), "utf8"), { merge: true }) as unknown;
}

/** The namespace that a run creates, and removes with all that is in it. */
export function runNamespaceOf({ namespace, runNamespace }: ApplicationRequest): string {
  return runNamespace ?? namespace;
}

/** Whether the application runs already, and is neither created nor removed. */
export function isRunning({ own }: ApplicationRequest): boolean {
  return own !== undefined && own.rayService === undefined;
}

/** The namespace, under the strictest Pod Security level: Ray's pods run without root, capabilities or host access. */
export function namespaceOf(request: ApplicationRequest): KubeObject {
  const { runId, own } = request;
  const name = runNamespaceOf(request);
  // What the pods of somebody else's application need is for the cluster to allow.
  const security = own?.rayService === undefined ? { "pod-security.kubernetes.io/enforce": "restricted" } : {};
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...labelsOf(runId), ...security } } };
}

/** The application's Python, mounted into head and workers so that any Ray image serves it. */
export async function configMapOf(request: ApplicationRequest): Promise<KubeObject> {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: request.name + CONFIG_MAP_SUFFIX,
      namespace: request.namespace,
      labels: labelsOf(request.runId),
    },
    data: { "serve_app.py": await readFile(new URL("serve_app.py", APP), "utf8") },
  };
}

/** manifests/app/rayservice.yaml with the variant's operations done, as what the runner sets asks for it. */
async function baseOf(variant: Variant | undefined): Promise<z.infer<typeof rayServiceSchema>> {
  const parsed = rayServiceSchema.safeParse(patchedBy(variant, await readYaml("rayservice.yaml")));
  if (parsed.success) return parsed.data;
  // A manifest of ours that has lost something is no fault of the user's.
  if (variant?.patch === undefined) throw parsed.error;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `The variant's patch must leave everything that a run sets in the RayService; received one after which ${issue?.path.join(".") ?? ""} is not as it must be (${issue?.message ?? ""}).`,
  );
}

/**
 * manifests/app/rayservice.yaml with the variant's operations done and then everything of the request set in it, in every group.
 *
 * @throws UsageError for a variant that cannot be made, whose RayClusters would share state in Redis, or that has Redis' password in it.
 */
export async function rayServiceOf(request: ApplicationRequest): Promise<KubeObject> {
  if (request.own?.rayService !== undefined) return ownRayServiceOf(request, request.own.rayService);
  const read = await baseOf(request.variant);
  refuseSharedGcsNamespace(read);
  refusePlainGcsPassword(read);
  const profile = profilesSchema.parse(await readYaml("resources.yaml"))[request.profile];
  const labels = labelsOf(request.runId);
  const { stepSizePercent, intervalSeconds, maxSurgePercent } = request.strategy;
  const { rayClusterConfig } = read.spec;
  const ingress = INGRESS_ENV[request.serveIngress];

  const podOf = (pod: z.infer<typeof template>, resources: z.infer<typeof resourcesSchema>): unknown => {
    const [ray, ...beside] = pod.spec.containers;
    return {
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...labels } },
      spec: {
        ...pod.spec,
        volumes: pod.spec.volumes.map((volume) =>
          "configMap" in volume ? { ...volume, configMap: { name: request.name + CONFIG_MAP_SUFFIX } } : volume,
        ),
        containers: [{ ...ray, image: request.image, env: [...ray.env, ...ingress], resources }, ...beside],
      },
    };
  };

  const { rayClusterDeletionDelaySeconds: _delay, ...spec } = read.spec;
  return {
    apiVersion: read.apiVersion,
    kind: read.kind,
    metadata: { name: request.name, namespace: request.namespace, labels },
    spec: {
      ...spec,
      ...deletionDelayOf(read.spec, request.variant),
      upgradeStrategy: {
        ...read.spec.upgradeStrategy,
        clusterUpgradeOptions: {
          ...{ stepSizePercent, intervalSeconds, maxSurgePercent },
          gatewayClassName: request.gatewayClassName,
        },
      },
      serveConfigV2: serveConfigOf(request, await readFile(new URL("serve-config.yaml", APP), "utf8")),
      rayClusterConfig: {
        ...rayClusterConfig,
        rayVersion: request.rayVersion,
        autoscalerOptions: { ...rayClusterConfig.autoscalerOptions, resources: profile.autoscaler },
        headGroupSpec: {
          ...rayClusterConfig.headGroupSpec,
          template: podOf(rayClusterConfig.headGroupSpec.template, profile.head),
        },
        workerGroupSpecs: rayClusterConfig.workerGroupSpecs.map((group) => ({
          ...group,
          template: podOf(group.template, profile.worker),
        })),
      },
    },
  };
}

/** The worker's cpu request that an upgrade sets, and the one that a third version has, by profile. */
export async function workerCpus(profile: ApplicationRequest["profile"]): Promise<{ after: string; third: string }> {
  const { "cpu-after": after, "cpu-third": third } = profilesSchema.parse(await readYaml("resources.yaml"))[profile];
  return { after, third };
}
