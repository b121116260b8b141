import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "./errors.ts";
import { jsonSchema, patched, type Json } from "./json-patch.ts";
import { refuseBeyondOperator, refuseGatewayObjects } from "./operator-limits.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";

/** What the operator takes: each test changes one fact of it. */
const SPEC: Json = {
  upgradeStrategy: {
    type: "NewClusterWithIncrementalUpgrade",
    clusterUpgradeOptions: {
      ...{ stepSizePercent: 1, intervalSeconds: 1, maxSurgePercent: 100, gatewayClassName: "zerodrop" },
    },
  },
  serveConfigV2: "grpc_options: { port: 9000, grpc_servicer_functions: [] }\napplications: []\n",
  rayClusterConfig: {
    enableInTreeAutoscaling: true,
    autoscalerOptions: { version: "v2" },
    gcsFaultToleranceOptions: { redisAddress: "redis:6379" },
    headGroupSpec: {
      headService: { metadata: { labels: { a: "b" } } },
      template: {
        spec: {
          restartPolicy: "Never",
          containers: [
            { name: "ray-head", ports: [{ name: "gcs-server" }, { name: "serve-grpc" }, { name: "serve" }, {}] },
            { name: "beside", ports: [{ name: "metrics" }] },
          ],
        },
      },
    },
    workerGroupSpecs: [{ groupName: "gpus", template: { spec: { containers: [{ name: "ray-worker" }] } } }],
  },
};

const SAID = { before: "z.yaml: service.manifest", after: "z.yaml: service.upgrade" };
type Change = Parameters<typeof patched>[1][number];
const changed = (...operations: readonly Change[]): Json => patched({ spec: SPEC }, operations);
const specOf = (document: Json): Json => jsonSchema.parse(Reflect.get(Object(document), "spec"));

function check({
  name,
  annotations,
  before = SPEC,
  after = SPEC,
}: Partial<Parameters<typeof refuseBeyondOperator>[0]>) {
  refuseBeyondOperator(
    { ...(name !== undefined && { name }), ...(annotations && { annotations }), before, after },
    SAID,
  );
}

const HEAD = "/spec/rayClusterConfig/headGroupSpec";
const POD = `${HEAD}/template/spec`;
const OPTIONS = "/spec/upgradeStrategy/clusterUpgradeOptions";

/** Each: one fact that is otherwise, and what the sentence says of it after where the spec is from. */
const REFUSED: readonly (readonly [why: string, change: Change, says: RegExp])[] = [
  [
    "autoscaling that is off",
    { op: "replace", path: "/spec/rayClusterConfig/enableInTreeAutoscaling", value: false },
    /^rayClusterConfig\.enableInTreeAutoscaling must be true, .* received false\.$/,
  ],
  [
    "autoscaling that is not said",
    { op: "remove", path: "/spec/rayClusterConfig/enableInTreeAutoscaling" },
    /^rayClusterConfig\.enableInTreeAutoscaling must be true, without which KubeRay 1\.6\.2 refuses .* received none\.$/,
  ],
  [
    "no step",
    { op: "replace", path: `${OPTIONS}/stepSizePercent`, value: 0 },
    /stepSizePercent must be a whole number from 1 to 100; received 0\.$/,
  ],
  [
    "a step beyond all",
    { op: "replace", path: `${OPTIONS}/stepSizePercent`, value: 101 },
    /stepSizePercent .* received 101\.$/,
  ],
  [
    "no interval",
    { op: "replace", path: `${OPTIONS}/intervalSeconds`, value: 0 },
    /intervalSeconds must be a whole number of at least 1; received 0\.$/,
  ],
  [
    "a surge of a half",
    { op: "replace", path: `${OPTIONS}/maxSurgePercent`, value: 0.5 },
    /maxSurgePercent .* received 0\.5\.$/,
  ],
  [
    "a surge beyond all",
    { op: "replace", path: `${OPTIONS}/maxSurgePercent`, value: 101 },
    /maxSurgePercent .* received 101\.$/,
  ],
  [
    "a step in words",
    { op: "replace", path: `${OPTIONS}/stepSizePercent`, value: "10" },
    /stepSizePercent .* received "10"\.$/,
  ],
  [
    "a head Service of one name",
    { op: "add", path: `${HEAD}/headService/metadata/name`, value: "head" },
    /headService\.metadata\.name must be left out, .* received "head"\.$/,
  ],
  [
    "a head that is started again",
    { op: "replace", path: `${POD}/restartPolicy`, value: "Always" },
    /^the restartPolicy of the head must be Never .* received "Always"\.$/,
  ],
  [
    "workers that are started again",
    {
      op: "add",
      path: "/spec/rayClusterConfig/workerGroupSpecs/0/template/spec/restartPolicy",
      value: "OnFailure",
    },
    /^the restartPolicy of group gpus must be Never .* received "OnFailure"\.$/,
  ],
  [
    "workers of a group without a name that are started again",
    {
      op: "replace",
      path: "/spec/rayClusterConfig/workerGroupSpecs/0",
      value: { template: { spec: { restartPolicy: "Always", containers: [{ name: "ray-worker" }] } } },
    },
    /^the restartPolicy of group {2}must be Never/,
  ],
  [
    "gRPC",
    {
      op: "replace",
      path: "/spec/serveConfigV2",
      value: "grpc_options: { grpc_servicer_functions: [a_pb2_grpc.add_A] }",
    },
    /^serveConfigV2 must name no grpc_servicer_functions, .*listener of HTTP alone.* received "a_pb2_grpc\.add_A"\.$/,
  ],
  [
    "a port for gRPC alone",
    { op: "replace", path: `${POD}/containers/0/ports`, value: [{ name: "serve-grpc" }, {}] },
    /must be named serve, .* received serve-grpc, one without a name\.$/,
  ],
  ["a Service of the user's", { op: "add", path: "/spec/serveService", value: {} }, /^serveService must be left out, /],
  [
    "a serve config that is no YAML",
    { op: "replace", path: "/spec/serveConfigV2", value: "a: [" },
    /^serveConfigV2 must be YAML/,
  ],
  [
    "ports that are none",
    { op: "replace", path: `${POD}/containers/0/ports`, value: "8000" },
    /headGroupSpec\.template\.spec\.containers\.0\.ports is not as it must be\.$/,
  ],
  [
    "a port's name that is a number",
    { op: "replace", path: `${POD}/containers/0/ports/0/name`, value: 5 },
    /containers\.0\.ports\.0\.name is not as it must be\.$/,
  ],
  [
    "a group's name that is a number",
    { op: "replace", path: "/spec/rayClusterConfig/workerGroupSpecs/0/groupName", value: 5 },
    /rayClusterConfig\.workerGroupSpecs\.0\.groupName is not/,
  ],
  [
    "options that are none",
    { op: "replace", path: OPTIONS, value: 5 },
    /upgradeStrategy\.clusterUpgradeOptions is not/,
  ],
  [
    "an autoscaler's version that is a number",
    { op: "replace", path: "/spec/rayClusterConfig/autoscalerOptions/version", value: 2 },
    /rayClusterConfig\.autoscalerOptions\.version is not/,
  ],
  [
    "a head Service without an object for its metadata",
    { op: "replace", path: `${HEAD}/headService/metadata`, value: "head" },
    /headGroupSpec\.headService\.metadata is not/,
  ],
  [
    "a head Service's name that is a number",
    { op: "add", path: `${HEAD}/headService/metadata/name`, value: 5 },
    /headGroupSpec\.headService\.metadata\.name is not/,
  ],
  [
    "no head",
    { op: "remove", path: HEAD },
    /^the RayService's spec must have the shape .* rayClusterConfig\.headGroupSpec is not/,
  ],
  [
    "a pod without containers",
    { op: "replace", path: `${POD}/containers`, value: [] },
    /rayClusterConfig\.headGroupSpec\.template\.spec\.containers is not/,
  ],
];

function refuses(what: () => void, from: string, says: RegExp): void {
  assert.throws(what, (error: unknown) => {
    assert.ok(error instanceof UsageError, String(error));
    assert.ok(error.message.startsWith(`${from} `), error.message);
    assert.match(error.message.slice(from.length + 1), says);
    assertOneSentence(error.message);
    return true;
  });
}

describe("what the operator cannot do is refused before anything is created (defect: found out by a deadline, or never)", () => {
  test("what it can do is taken", () => {
    check({ name: "model" });
    check({ name: "m" });
    check({ name: "m".repeat(47) });
    check({});
    const taken: readonly Change[] = [
      // The run sets the numbers, and the operator's own default is there for the ports.
      { op: "remove", path: "/spec/upgradeStrategy" },
      { op: "remove", path: `${OPTIONS}/maxSurgePercent` },
      { op: "replace", path: `${POD}/containers/0/ports`, value: [] },
      { op: "remove", path: `${POD}/containers/0/ports` },
      { op: "remove", path: `${POD}/restartPolicy` },
      { op: "remove", path: "/spec/rayClusterConfig/workerGroupSpecs" },
      { op: "remove", path: "/spec/serveConfigV2" },
      { op: "remove", path: OPTIONS },
      { op: "remove", path: `${HEAD}/headService` },
      { op: "remove", path: `${HEAD}/headService/metadata` },
      // Serve itself says what is wrong with it.
      { op: "replace", path: "/spec/serveConfigV2", value: "grpc_options: { grpc_servicer_functions: 5 }" },
      { op: "replace", path: "/spec/serveConfigV2", value: "grpc_options: { port: 9000 }" },
      { op: "replace", path: "/spec/serveConfigV2", value: "text" },
    ];
    for (const change of taken)
      check({ name: "model", before: specOf(changed(change)), after: specOf(changed(change)) });
    const restarted = specOf(
      changed(
        { op: "replace", path: `${POD}/restartPolicy`, value: "Always" },
        { op: "remove", path: "/spec/rayClusterConfig/autoscalerOptions" },
      ),
    );
    check({ before: restarted, after: restarted });
  });

  for (const [why, change, says] of REFUSED) {
    test(`${why}, before the upgrade and after it`, () => {
      const spec = specOf(changed(change));
      refuses(
        () => {
          check({ name: "model", before: spec });
        },
        `${SAID.before}:`,
        says,
      );
      refuses(
        () => {
          check({ name: "model", after: spec });
        },
        `${SAID.after}: after it`,
        says,
      );
    });
  }

  test("a Service of the user's is no reason where the RayService runs already", () => {
    const spec = specOf(changed({ op: "add", path: "/spec/serveService", value: {} }));
    check({ before: spec, after: spec });
  });

  for (const name of ["m".repeat(48), "1model", "Model", "my.model", "model-", ""]) {
    test(`the name "${name}"`, () => {
      refuses(
        () => {
          check({ name });
        },
        `${SAID.before}:`,
        /^metadata\.name must be at most 47 /,
      );
    });
  }

  const GCS = "/spec/rayClusterConfig/gcsFaultToleranceOptions";
  test("one place in Redis for two RayClusters, and a password in the manifest", () => {
    const shared: readonly Change[] = [
      { op: "add", path: `${GCS}/externalStorageNamespace`, value: "mine" },
      {
        op: "add",
        path: `${POD}/containers/0/env`,
        value: [{ name: "RAY_external_storage_namespace", value: "mine" }],
      },
    ];
    for (const change of shared) {
      const spec = specOf(changed(change));
      for (const specs of [{ before: spec }, { after: spec }])
        assert.throws(
          () => {
            check(specs);
          },
          { name: "UsageError", message: /received "mine"/ },
        );
    }
    const annotations = { "ray.io/external-storage-namespace": "mine" };
    assert.throws(() => {
      check({ annotations });
    }, /received "mine"/);
    const plain = specOf(changed({ op: "add", path: `${GCS}/redisPassword`, value: { value: "secret" } }));
    for (const specs of [{ before: plain }, { after: plain }])
      assert.throws(
        () => {
          check(specs);
        },
        { name: "UsageError", message: /redisPassword must come from a Secret/ },
      );
  });

  test("objects of Gateway API beside the RayService, and no others", () => {
    const route = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };
    refuseGatewayObjects([{ apiVersion: "v1", kind: "Service" }, {}], SAID.before);
    refuses(
      () => {
        refuseGatewayObjects([{ apiVersion: "v1", kind: "Service" }, route], SAID.before);
      },
      SAID.before,
      /^must have no objects of Gateway API, .* received a HTTPRoute \(/,
    );
  });
});
