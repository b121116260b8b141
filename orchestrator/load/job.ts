import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { KubeObject } from "../kube/kube.ts";

/** Ports of the load's pod, as manifests/k6/job.yaml has them. */
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
  };
  /** Kind of client, as ledger rows name it: plan.clients. */
  readonly client: string;
  readonly model: "open" | "closed";
  /** Requests per second; null for the closed model. */
  readonly rate: number | null;
  readonly vus: number;
  readonly requestTimeoutMs: number;
  /** Versions that may answer, and must have answered by the end for k6's thresholds to be kept. */
  readonly versions: readonly string[];
  /** Bound of the load, should nobody stop it. The Job's own deadline follows 3 minutes later. */
  readonly maxSeconds: number;
  /** CPU that k6 is sure of, 500m when left out. */
  readonly k6Cpu?: string;
  /** Time the pod keeps what it has for a runner that does not come, in s; 120 when left out. */
  readonly lingerSeconds?: number;
}

/** Time between the end of the load by itself and the Job's active deadline: what remains must leave the pod in it. */
const AFTERMATH_SECONDS = 180;

const labels = z.record(z.string(), z.string());
const named = z.looseObject({ name: z.string() });
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
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
 * Name of a run's load: of its ConfigMap and its Job, by which its pod is found. Cut to what a label may hold, should the
 * run's id use all of it.
 */
export function loadName(runId: string): string {
  return `load-${runId}`.slice(0, 63).replace(/-+$/, "");
}

/** ConfigMap and Job of a load. Pure: the manifest is not changed. */
export function loadObjects(
  manifest: JobManifest,
  request: LoadRequest,
  bundle: string,
): { configMap: KubeObject; job: KubeObject } {
  const [configMap, job] = structuredClone(manifest);
  const name = loadName(request.runId);
  for (const { metadata } of [configMap, job]) {
    metadata.name = name;
    metadata["namespace"] = request.namespace;
    metadata.labels["zerodrop.dev/run"] = request.runId;
  }
  configMap.data["main.js"] = bundle;

  const { template } = job.spec;
  job.spec.activeDeadlineSeconds = request.maxSeconds + AFTERMATH_SECONDS;
  template.metadata.labels["zerodrop.dev/run"] = request.runId;
  for (const each of [...template.spec.initContainers, ...template.spec.containers]) {
    each.image = request.image;
    if (request.imagePullPolicy !== undefined) each["imagePullPolicy"] = request.imagePullPolicy;
  }
  const k6 = theOne(template.spec.containers, "k6");
  k6.env = [...(k6.env ?? []), ...environmentOf(request)];
  k6.resources.requests["cpu"] = request.k6Cpu ?? "500m";
  theOne(template.spec.containers, "ledger").command.push(
    `--request-timeout=${String(request.requestTimeoutMs)}ms`,
    `--linger=${String(request.lingerSeconds ?? 120)}s`,
  );
  theOne(template.spec.volumes, "scenario")["configMap"] = { name };
  return { configMap, job };
}

/** What the scenario reads in k6/lib/settings.ts. */
export function environmentOf(request: LoadRequest): { name: string; value: string }[] {
  const { target, rate } = request;
  const values: Record<string, string> = {
    ZERODROP_TARGET: target.url,
    ZERODROP_PATH: target.path ?? "/",
    ZERODROP_HOST: target.host ?? "",
    ZERODROP_CLIENT: request.client,
    ZERODROP_MODEL: request.model,
    ...(rate === null ? {} : { ZERODROP_RATE: String(rate) }),
    ZERODROP_VUS: String(request.vus),
    ZERODROP_DURATION_SECONDS: String(request.maxSeconds),
    ZERODROP_REQUEST_TIMEOUT_MS: String(request.requestTimeoutMs),
    ZERODROP_VERSIONS: request.versions.join(","),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function theOne<T extends { name: string }>(items: readonly T[], name: string): T {
  const item = items.find((each) => each.name === name);
  if (item === undefined) throw new Error(`manifests/k6/job.yaml has nothing named ${name} where it is looked for.`);
  return item;
}

function structuredCloneByJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
