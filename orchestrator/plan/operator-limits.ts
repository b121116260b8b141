import { z } from "zod";
import { UsageError } from "./errors.ts";
import { refuseSharedGcsNamespace } from "./gcs-namespace.ts";
import { refusePlainGcsPassword } from "./gcs-password.ts";
import type { Json } from "./json-patch.ts";
import { readYaml, shown } from "./yaml-input.ts";

/** The operator whose source the limits below are read from: paths are in ray-operator/ of its repository. */
const OPERATOR = "KubeRay 1.6.2";

const pod = z.looseObject({
  spec: z.looseObject({
    restartPolicy: z.string().nullish(),
    containers: z
      .array(z.looseObject({ ports: z.array(z.looseObject({ name: z.string().nullish() })).nullish() }))
      .min(1),
  }),
});
const group = z.looseObject({ groupName: z.string().nullish(), template: pod });
const specSchema = z.looseObject({
  serveConfigV2: z.string().nullish(),
  serveService: z.unknown().optional(),
  upgradeStrategy: z.looseObject({ clusterUpgradeOptions: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  rayClusterConfig: z.looseObject({
    enableInTreeAutoscaling: z.unknown().optional(),
    autoscalerOptions: z.looseObject({ version: z.string().nullish() }).nullish(),
    headGroupSpec: z.looseObject({
      headService: z.looseObject({ metadata: z.looseObject({ name: z.string().nullish() }).nullish() }).nullish(),
      template: pod,
    }),
    workerGroupSpecs: z.array(group).nullish(),
  }),
});
type Spec = z.infer<typeof specSchema>;
const serveConfigSchema = z.looseObject({
  grpc_options: z.looseObject({ grpc_servicer_functions: z.array(z.unknown()).nullish() }).nullish(),
});

/** What of a spec cannot be: the rest of a sentence that begins with where the spec is from; undefined where all is well. */
type Limit = (spec: Spec, said: string) => string | undefined;

/** controllers/ray/utils/validation.go, ValidateClusterUpgradeOptions. */
const autoscaling: Limit = ({ rayClusterConfig }) => {
  const { enableInTreeAutoscaling: value } = rayClusterConfig;
  if (value === true) return undefined;
  return `rayClusterConfig.enableInTreeAutoscaling must be true, without which ${OPERATOR} refuses an incremental upgrade; received ${value === undefined ? "none" : shown(value)}`;
};

/**
 * The same function; it takes 0 for a step and a surge too, by which nothing would ever move, and reads past a surge that is missing only where the
 * CustomResourceDefinition has put its default there.
 */
const OPTIONS = [
  { name: "stepSizePercent", most: 100, expected: "a whole number from 1 to 100" },
  { name: "intervalSeconds", most: Infinity, expected: "a whole number of at least 1" },
  { name: "maxSurgePercent", most: 100, expected: "a whole number from 1 to 100" },
] as const;
const options: Limit = ({ upgradeStrategy }) => {
  for (const { name, most, expected } of OPTIONS) {
    const value = upgradeStrategy?.clusterUpgradeOptions?.[name] ?? undefined;
    if (value === undefined || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most)) continue;
    return `upgradeStrategy.clusterUpgradeOptions.${name} must be ${expected}; received ${shown(value)}`;
  }
  return undefined;
};

/** validation.go, ValidateRayServiceSpec: two RayClusters cannot have one head Service. */
const headService: Limit = ({ rayClusterConfig }) => {
  const name = rayClusterConfig.headGroupSpec.headService?.metadata?.name ?? "";
  if (name === "") return undefined;
  return `rayClusterConfig.headGroupSpec.headService.metadata.name must be left out, for ${OPERATOR} names the heads' Services itself; received ${shown(name)}`;
};

/** validation.go, ValidateRayClusterSpec: in-tree autoscaling of version 2 takes Never alone, and an incremental upgrade needs in-tree autoscaling. */
const restartPolicy: Limit = ({ rayClusterConfig }) => {
  const { autoscalerOptions, headGroupSpec, workerGroupSpecs } = rayClusterConfig;
  if (autoscalerOptions?.version !== "v2") return undefined;
  const groups = [
    { of: "the head", template: headGroupSpec.template },
    ...(workerGroupSpecs ?? []).map(({ groupName, template }) => ({ of: `group ${groupName ?? ""}`, template })),
  ];
  for (const { of, template } of groups) {
    const value = template.spec.restartPolicy ?? "";
    if (value === "" || value === "Never") continue;
    return `the restartPolicy of ${of} must be Never or left out where autoscalerOptions.version is v2, or ${OPERATOR} refuses it; received ${shown(value)}`;
  }
  return undefined;
};

/**
 * controllers/ray/rayservice_controller.go, createHTTPRoute, and controllers/ray/common/service.go: both sides of the route are Services with the ports of the head's
 * first container that are named `serve` or `serve-…`, and the route goes to the one named `serve`, or to 8000 where there is none. A container without ports gets
 * the default ones, `serve` among them.
 */
const servePort: Limit = ({ rayClusterConfig }) => {
  const ports = rayClusterConfig.headGroupSpec.template.spec.containers[0]?.ports ?? [];
  if (ports.length === 0 || ports.some(({ name }) => name === "serve")) return undefined;
  const names = ports.map(({ name }) => name ?? "one without a name").join(", ");
  return `a port of the head's first container must be named serve, as ${OPERATOR} makes its HTTPRoute to the port of that name and to no other; received ${names}`;
};

/**
 * createGateway makes one listener, of HTTP, and createHTTPRoute one HTTPRoute, to the port named `serve`. Serve starts a gRPC server when it is given servicer
 * functions, and only then (ray.serve.config.gRPCOptions).
 */
const grpc: Limit = ({ serveConfigV2 }, said) => {
  const config = serveConfigSchema.safeParse(readYaml(serveConfigV2 ?? "", `${said} serveConfigV2`)).data;
  const [servicer] = config?.grpc_options?.grpc_servicer_functions ?? [];
  if (servicer === undefined) return undefined;
  return `serveConfigV2 must name no grpc_servicer_functions, because in an incremental upgrade ${OPERATOR} makes a Gateway with a listener of HTTP alone and no route to Serve's gRPC port, so that no weight moves gRPC; received ${shown(servicer)}`;
};

/** common/service.go, BuildServeService: the user's Service is used only where the strategy is another one. */
const serveService: Limit = (spec) => {
  if (spec.serveService == null) return undefined;
  return `serveService must be left out, for ${OPERATOR} passes over it in an incremental upgrade and makes a Service of its own for each RayCluster; received one`;
};

const LIMITS = [autoscaling, options, headService, restartPolicy, servePort, grpc];
/** Of what is created; one that runs already runs without it. */
const LIMITS_OF_NEW = [...LIMITS, serveService];

/** validation.go, ValidateRayServiceMetadata, and constant.go, MaxRayServiceNameLength: a RayCluster's name is this one and six characters more. */
const LONGEST_NAME = 47;
const DNS_1035 = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;

/** A RayService of the user's, and what its upgrade makes of it. */
interface RayServiceToUpgrade {
  /** Left out for one that runs already: the operator has taken its name. */
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly before: Json;
  readonly after: Json;
}

/**
 * Refuses, before anything is created, a RayService that the operator would not take, or would upgrade otherwise than its spec says: it would tell so by an event or not at all, and
 * the run would end by a deadline. `said` is where each spec is from, for the message.
 *
 * @throws UsageError, one sentence, for the first thing that cannot be.
 */
export function refuseBeyondOperator(
  { name, annotations, before, after }: RayServiceToUpgrade,
  said: { readonly before: string; readonly after: string },
): void {
  if (name !== undefined && (name.length > LONGEST_NAME || !DNS_1035.test(name))) {
    throw new UsageError(
      `${said.before}: metadata.name must be at most ${LONGEST_NAME} lower-case letters, digits and hyphens that begin with a letter and do not end with a hyphen, or ${OPERATOR} refuses it; received ${shown(name)}.`,
    );
  }
  const limits = name === undefined ? LIMITS : LIMITS_OF_NEW;
  for (const [spec, from] of [
    [before, `${said.before}:`],
    [after, `${said.after}: after it`],
  ] as const) {
    const read = specSchema.safeParse(spec);
    if (!read.success) {
      const [issue] = read.error.issues;
      throw new UsageError(
        `${from} the RayService's spec must have the shape that KubeRay gives it; received one of which ${issue?.path.join(".") ?? ""} is not as it must be.`,
      );
    }
    for (const limit of limits) {
      const broken = limit(read.data, from);
      if (broken !== undefined) throw new UsageError(`${from} ${broken}.`);
    }
    const rayService = { metadata: { annotations }, spec };
    refuseSharedGcsNamespace(rayService);
    refusePlainGcsPassword(rayService);
  }
}

const objectSchema = z.looseObject({ apiVersion: z.string().catch(""), kind: z.string().catch("") });

/**
 * Refuses objects of Gateway API beside a RayService. Its Gateway and HTTPRoute are the operator's: it puts the one back as it was (reconcileGateway), and
 * replaces the whole spec of the other with each new weight (reconcileHTTPRoute).
 *
 * @throws UsageError, one sentence.
 */
export function refuseGatewayObjects(objects: readonly unknown[], said: string): void {
  const found = objects
    .map((object) => objectSchema.parse(object))
    .find(({ apiVersion }) => apiVersion.startsWith("gateway.networking.k8s.io/"));
  if (found === undefined) return;
  throw new UsageError(
    `${said} must have no objects of Gateway API, for in an incremental upgrade ${OPERATOR} makes the Gateway and its HTTPRoute; received a ${found.kind} (a Gateway of yours in front of it is service.entry, docs/own-service.md).`,
  );
}
