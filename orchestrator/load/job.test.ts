import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { readPod } from "../history/pod.ts";
import { outputsOf } from "../plan/out-k6.ts";
import { bundleScenario } from "./bundle.ts";
import { environmentOf, loadName, loadObjects, readJobManifest, type LoadRequest } from "./job.ts";

const REQUEST: LoadRequest = {
  runId: "20260423-221530-aggressive",
  namespace: "zerodrop",
  image: "registry.example/zerodrop-k6:2.2.0",
  target: { url: "http://envoy:80", host: "app.example" },
  clients: [
    {
      client: "steady",
      model: "open",
      rate: 400,
      requestsPerIteration: 1,
      vus: 300,
      requestTimeoutMs: 10_000,
      holdsMs: 0,
    },
  ],
  versions: ["v1", "v2"],
  maxSeconds: 900,
};

const securityContext = z.looseObject({
  runAsNonRoot: z.literal(true),
  privileged: z.literal(false),
  allowPrivilegeEscalation: z.literal(false),
  readOnlyRootFilesystem: z.literal(true),
  capabilities: z.strictObject({ drop: z.tuple([z.literal("ALL")]) }),
  seccompProfile: z.strictObject({ type: z.literal("RuntimeDefault") }),
});
const container = z.looseObject({
  name: z.string(),
  image: z.literal(REQUEST.image),
  imagePullPolicy: z.string().optional(),
  command: z.array(z.string()),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  securityContext,
  resources: z.looseObject({
    requests: z.looseObject({ cpu: z.string() }),
    limits: z.looseObject({ memory: z.string() }),
  }),
});
const jobSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string(), labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    backoffLimit: z.literal(0),
    completionMode: z.literal("Indexed"),
    completions: z.number(),
    parallelism: z.number(),
    activeDeadlineSeconds: z.number(),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        restartPolicy: z.literal("Never"),
        automountServiceAccountToken: z.literal(false),
        enableServiceLinks: z.literal(false),
        securityContext: z.looseObject({ runAsUser: z.literal(65532), runAsNonRoot: z.literal(true) }),
        initContainers: z.array(container),
        containers: z.array(container),
        volumes: z.array(z.looseObject({ name: z.string(), hostPath: z.never().optional() })),
      }),
    }),
  }),
});

async function job(more: Partial<LoadRequest> = {}): Promise<z.infer<typeof jobSchema>> {
  return jobSchema.parse(loadObjects(await readJobManifest(), { ...REQUEST, ...more }, "bundle").job);
}

describe("the load's Job", () => {
  it("meets what the restricted Pod Security asks, in every container", async () => {
    // Would catch: a container added to the manifest without its security context; hostPath; a service account's token.
    const { spec } = await job();
    const names = [...spec.template.spec.initContainers, ...spec.template.spec.containers].map(({ name }) => name);
    assert.deepEqual(names, ["prepare", "ledger", "k6"]);
  });

  it("is labelled with its run, bounded in time, and reads the scenario from its own ConfigMap", async () => {
    // Would catch: a load that a later run cannot find, or one that outlives a killed runner.
    const { metadata, spec } = await job();
    const { configMap } = loadObjects(await readJobManifest(), REQUEST, "the bundle");
    const labels = { "app.kubernetes.io/managed-by": "zerodrop", "zerodrop.dev/run": REQUEST.runId };
    for (const each of [metadata.labels, spec.template.metadata.labels, configMap.metadata.labels]) {
      assert.deepEqual({ ...each, ...labels }, each);
    }
    // Would catch: a judge that takes what happens to the load for something that happened to the application.
    const pod = readPod({ metadata: spec.template.metadata });
    assert.ok(pod.ok && pod.view.ofLoad);
    assert.equal(spec.activeDeadlineSeconds, 1080);
    assert.deepEqual(configMap["data"], { "main.js": "the bundle" });
    assert.deepEqual([metadata.name, metadata.namespace], [configMap.metadata.name, configMap.metadata.namespace]);
    assert.deepEqual(spec.template.spec.volumes.find(({ name }) => name === "scenario")?.["configMap"], {
      name: metadata.name,
    });
  });

  it("fills parameters in where they belong and nowhere else", async () => {
    // Would catch: one container's change showing in another by way of a YAML anchor, or in the next load.
    const manifest = await readJobManifest();
    const before = structuredClone(manifest);
    const { spec } = jobSchema.parse(
      loadObjects(manifest, { ...REQUEST, k6Cpu: "750m", imagePullPolicy: "Never" }, "").job,
    );
    assert.deepEqual(manifest, before);
    const [ledger, k6] = spec.template.spec.containers;
    assert.ok(ledger !== undefined && k6 !== undefined);
    assert.equal(k6.resources.requests.cpu, "750m");
    assert.equal(ledger.resources.requests.cpu, "40m");
    assert.deepEqual(ledger.command.slice(-2), ["--listen=:6566", "--linger=120s"]);
    assert.equal(ledger.env, undefined);
    assert.equal(spec.template.spec.initContainers[0]?.imagePullPolicy, "Never");
    assert.equal((await job()).spec.template.spec.containers[1]?.resources.requests.cpu, "425m");
  });

  it("tells the scenario everything that it reads", async () => {
    // Would catch: a parameter renamed on one side only.
    const bundle = await bundleScenario(["steady"]);
    const request = {
      name: "predict",
      method: "POST",
      path: "/",
      headers: {},
      body: null,
      expect: { status: 200 },
      freshConnection: false,
      session: false,
    };
    const own = { tells: { version: { header: "V" } }, requests: [request] };
    const target = { url: "https://models.example", address: "10.0.0.5" };
    const told = new Set(environmentOf({ ...REQUEST, own, target }).map(({ name }) => name));
    const manifest = await job();
    for (const { name } of manifest.spec.template.spec.containers[1]?.env ?? []) told.add(name);
    // The beginning of names of secrets, which only the load's Secret has.
    const read = new Set(bundle.match(/ZERODROP_(?!SECRET_)[A-Z_]+/g));
    assert.deepEqual(
      [...read].filter((name) => !told.has(name)),
      [],
    );
    assert.deepEqual(
      [...told].filter((name) => name.startsWith("ZERODROP_") && !read.has(name)),
      [],
    );
  });

  it("has a name that fits a label, and with its number the name of a host, whatever the run's id", () => {
    // Would catch: a run that the API server refuses because its strategy has a long name.
    assert.equal(loadName("a"), "load-a");
    assert.match(
      `${loadName(`20260423-221530-${"x".repeat(41)}-${"y".repeat(6)}`)}-31`,
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    );
  });

  it("has as many pods as share the load, each sure of its part of the CPU", async () => {
    // Would catch: pods that each run the whole load; four pods that no small node has room for.
    const { spec } = await job({ parallelism: 4 });
    assert.deepEqual([spec.completions, spec.parallelism], [4, 4]);
    const k6 = spec.template.spec.containers[1];
    assert.equal(k6?.resources.requests.cpu, "107m");
    assert.equal(k6.env?.find(({ name }) => name === "ZERODROP_PARALLELISM")?.value, "4");
    assert.equal((await job({ parallelism: 32 })).spec.template.spec.containers[1]?.resources.requests.cpu, "100m");
    assert.deepEqual([(await job()).spec.completions, (await job()).spec.parallelism], [1, 1]);
  });

  it("keeps what further outputs are told in its Secret alone, and k6 writes there too", async () => {
    // Would catch: a password in a Job that anyone may read, and that the record keeps; an output that is named and not used.
    const env = { K6_INFLUXDB_PASSWORD: "hunter2" };
    const outK6 = outputsOf(["cloud", "influxdb=http://me:swordfish@db/k6"], env);
    const objects = loadObjects(await readJobManifest(), { ...REQUEST, outK6 }, "bundle");
    const { configMap, job, secret } = objects;
    assert.ok(!/hunter2|swordfish|aHVudGVyM|influxdb/.test(JSON.stringify([configMap, job])));
    assert.deepEqual(secret, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: configMap.metadata,
      type: "Opaque",
      data: {
        ZERODROP_OUT_K6_0: Buffer.from("cloud").toString("base64"),
        ZERODROP_OUT_K6_1: Buffer.from("influxdb=http://me:swordfish@db/k6").toString("base64"),
        K6_INFLUXDB_PASSWORD: Buffer.from("hunter2").toString("base64"),
      },
    });
    const [ledger, k6] = jobSchema.parse(job).spec.template.spec.containers;
    assert.deepEqual(k6?.command.slice(-4), [
      "--out=ledger=/run/zerodrop/rows.fifo",
      "--out=$(ZERODROP_OUT_K6_0)",
      "--out=$(ZERODROP_OUT_K6_1)",
      "/scenario/main.js",
    ]);
    assert.deepEqual(k6["envFrom"], [{ secretRef: { name: loadName(REQUEST.runId) } }]);
    assert.equal(ledger?.["envFrom"], undefined);
    assert.equal(loadObjects(await readJobManifest(), REQUEST, "").secret, undefined);
  });
});
