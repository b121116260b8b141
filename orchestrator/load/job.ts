import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { KubeObject } from "../kube/kube.ts";
import { outputVariable, type K6Outputs } from "../plan/out-k6.ts";
import type { PlannedClient } from "../plan/plan.ts";
import type { OwnRequest, Service } from "../plan/service.ts";

/** Ports of a load's pod, as manifests/k6/job.yaml has them. */
export const K6_PORT = 6565;
export const LEDGER_PORT = 6566;

/** The load to be run. Times as named. */
export interface LoadRequest {
  readonly runId: string;
  readonly namespace: string;
  /** Holds /k6 and /zerodrop-ledger. */
  readonly image: string;
  /** Left out: the cluster's default. */
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  readonly target: {
    /** Scheme, host and port of the gateway, e.g. `http://envoy.envoy-gateway-system`. */
    readonly url: string;
    /** Host header that the route asks for. */
    readonly host?: string;
    /** `/` when left out. */
    readonly path?: string;
    /** Address that the URL's host stands for, where name resolution does not know it. */
    readonly address?: string;
    /** PEM of an authority whose certificates are trusted as well. */
    readonly authority?: string;
    /** Paths below that one which clients ask for in turn, where there is more than one application; `/` alone when left out. */
    readonly routes?: readonly string[];
  };
  /** Requests of the user's, and how their answers tell who gave them; left out: those of zerodrop's own clients. */
  readonly own?: Pick<Service, "requests" | "tells">;
  /** What the load is made of, that of all pods together. */
  readonly clients: readonly PlannedClient[];
  /** Pods that share the load; 1 when left out. */
  readonly parallelism?: number;
  /** Outputs of k6 beside the ledger, and whatever else of its environment is secret. */
  readonly outK6?: K6Outputs;
  /** Versions that may answer, and must have answered by the end for k6's thresholds to be kept. */
  readonly versions: readonly string[];
  /** Bound of the load, should nobody stop it. The Job's own deadline follows 3 minutes later. */
  readonly maxSeconds: number;
  /** CPU that each k6 is sure of; when left out, 425m shared by all pods, and at least 100m. */
  readonly k6Cpu?: string;
  /** Time between two points of k6's dashboard, in s; k6's own 10 when left out. A load shorter than two of them has none. */
  readonly dashboardSeconds?: number;
  /** Time the pod keeps what it has for a runner that does not come, in s; 120 when left out. */
  readonly lingerSeconds?: number;
}

/** CPU, in thousandths, that the load is sure of altogether, and each of its pods at least. */
const LOAD_CPU_MILLI = 425;
const LEAST_CPU_MILLI = 100;

/** Time between the end of the load by itself and the Job's active deadline: what remains must leave the pod in it. */
const AFTERMATH_SECONDS = 180;

const labels = z.record(z.string(), z.string());
const named = z.looseObject({ name: z.string() });
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
  envFrom: z.array(z.unknown()).optional(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
  resources: z.looseObject({ requests: z.record(z.string(), z.string()) }),
});
const configMapSchema = z.looseObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("ConfigMap"),
  metadata: z.looseObject({ name: z.string(), labels }),
  data: z.record(z.string(), z.string()),
});
const jobSchema = z.looseObject({
  apiVersion: z.literal("batch/v1"),
  kind: z.literal("Job"),
  metadata: z.looseObject({ name: z.string(), labels }),
  spec: z.looseObject({
    completions: z.number(),
    parallelism: z.number(),
    activeDeadlineSeconds: z.number(),
    template: z.looseObject({
      metadata: z.looseObject({ labels }),
      spec: z.looseObject({
        initContainers: z.array(container),
        containers: z.array(container),
        volumes: z.array(named),
      }),
    }),
  }),
});
const manifestSchema = z.tuple([configMapSchema, jobSchema]);

/** The two documents of manifests/k6/job.yaml, as they are written. */
export type JobManifest = z.infer<typeof manifestSchema>;

/** Reads manifests/k6/job.yaml. */
export async function readJobManifest(): Promise<JobManifest> {
  const text = await readFile(new URL("../../manifests/k6/job.yaml", import.meta.url), "utf8");
  // A plain value per document: what the YAML repeats by anchors is copied, so that filling in one place changes no other.
  return manifestSchema.parse(parseAllDocuments(text).map((document) => structuredCloneByJson(document.toJS())));
}

/**
 * Name of a run's load: of its ConfigMap, its Secret and its Job, by which its pods are found. Cut, should the run's id use all that a
 * label may hold (63): the name of each pod's host is this one, a hyphen and its number, of two digits at most.
 */
export function loadName(runId: string): string {
  return `load-${runId}`.slice(0, 60).replace(/-+$/, "");
}

/** Objects of a load. */
export interface LoadObjects {
  readonly configMap: KubeObject;
  /** Only with further outputs: what they are told stands nowhere else. */
  readonly secret?: KubeObject;
  readonly job: KubeObject;
}

/** ConfigMap, Job and, where one is needed, Secret of a load. Pure: the manifest is not changed. */
export function loadObjects(manifest: JobManifest, request: LoadRequest, bundle: string): LoadObjects {
  const [configMap, job] = structuredClone(manifest);
  const name = loadName(request.runId);
  for (const { metadata } of [configMap, job]) {
    metadata.name = name;
    metadata["namespace"] = request.namespace;
    metadata.labels["zerodrop.dev/run"] = request.runId;
  }
  configMap.data["main.js"] = bundle;

  const { parallelism = 1, outK6 } = request;
  const { template } = job.spec;
  job.spec.completions = parallelism;
  job.spec.parallelism = parallelism;
  job.spec.activeDeadlineSeconds = request.maxSeconds + AFTERMATH_SECONDS;
  template.metadata.labels["zerodrop.dev/run"] = request.runId;
  for (const each of [...template.spec.initContainers, ...template.spec.containers]) {
    each.image = request.image;
    if (request.imagePullPolicy !== undefined) each["imagePullPolicy"] = request.imagePullPolicy;
  }
  const k6 = theOne(template.spec.containers, "k6");
  k6.env = [...(k6.env ?? []), ...environmentOf(request)];
  const share = Math.max(LEAST_CPU_MILLI, Math.ceil(LOAD_CPU_MILLI / parallelism));
  k6.resources.requests["cpu"] = request.k6Cpu ?? `${String(share)}m`;
  theOne(template.spec.containers, "ledger").command.push(`--linger=${String(request.lingerSeconds ?? 120)}s`);
  theOne(template.spec.volumes, "scenario")["configMap"] = { name };
  if (request.target.authority !== undefined) configMap.data[AUTHORITY] = request.target.authority;
  if (outK6 === undefined || Object.keys(outK6.secretData).length === 0) return { configMap, job };
  // Kubernetes puts the text in when it starts the container, so that no object but the Secret holds it.
  const outputs = outK6.names.map((_name, index) => `--out=$(${outputVariable(index)})`);
  k6.command.splice(-1, 0, ...outputs);
  k6.envFrom = [{ secretRef: { name } }];
  return { configMap, secret: secretOf(configMap.metadata, outK6), job };
}

/** Where the ConfigMap is in k6's container, and an authority in it. */
const SCENARIO = "/scenario";
const AUTHORITY = "authority.pem";

function secretOf({ name, labels, namespace }: KubeObject["metadata"], { secretData }: K6Outputs): KubeObject {
  const data = Object.entries(secretData).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { ...labels } },
    type: "Opaque",
    data: Object.fromEntries(data),
  };
}

/** What the scenario reads in k6/lib/settings.ts, and k6's dashboard. */
export function environmentOf(request: LoadRequest): { name: string; value: string }[] {
  const { target, clients, dashboardSeconds, own } = request;
  const values: Record<string, string> = {
    ZERODROP_TARGET: target.url,
    ZERODROP_PATH: target.path ?? "/",
    ZERODROP_ROUTES: JSON.stringify(target.routes ?? ["/"]),
    ZERODROP_HOST: target.host ?? "",
    ZERODROP_CLIENTS: JSON.stringify(clients),
    ZERODROP_DURATION_SECONDS: String(request.maxSeconds),
    ZERODROP_VERSIONS: request.versions.join(","),
    ZERODROP_PARALLELISM: String(request.parallelism ?? 1),
    ...(own === undefined
      ? {}
      : { ZERODROP_TELLS: JSON.stringify(own.tells), ZERODROP_REQUESTS: JSON.stringify(own.requests.map(declared)) }),
    ...(target.address === undefined
      ? {}
      : { ZERODROP_HOSTS: JSON.stringify({ [new URL(target.url).hostname]: target.address }) }),
    // Go reads it instead of the image's own list, of which the load's image has none.
    ...(target.authority === undefined ? {} : { SSL_CERT_FILE: `${SCENARIO}/${AUTHORITY}` }),
    ...(dashboardSeconds === undefined ? {} : { K6_WEB_DASHBOARD_PERIOD: `${String(dashboardSeconds)}s` }),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** A request as the load is told it; a scenario of the user's stands in the bundle. */
function declared({ script, ...request }: OwnRequest): object {
  return script === undefined ? request : { name: request.name, session: request.session };
}

function theOne<T extends { name: string }>(items: readonly T[], name: string): T {
  const item = items.find((each) => each.name === name);
  if (item === undefined) throw new Error(`manifests/k6/job.yaml has nothing named ${name} where it is looked for.`);
  return item;
}

function structuredCloneByJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
