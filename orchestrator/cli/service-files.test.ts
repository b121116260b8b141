import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { UsageError } from "../plan/errors.ts";
import type { OwnService } from "../plan/own-service.ts";
import type { ServiceConfig } from "../plan/service-config.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { readService } from "./service-files.ts";

const RAY_SERVICE = `apiVersion: ray.io/v1
kind: RayService
metadata: { name: model }
spec:
  serveConfigV2: old
  rayClusterDeletionDelaySeconds: 5
  upgradeStrategy:
    type: NewClusterWithIncrementalUpgrade
    clusterUpgradeOptions: { stepSizePercent: 10, intervalSeconds: 3, maxSurgePercent: 20 }
  rayClusterConfig:
    enableInTreeAutoscaling: true
    headGroupSpec: { template: { spec: { containers: [{ name: ray-head }] } } }
`;
const RUNNING = {
  serveConfigV2: "old",
  rayClusterConfig: {
    enableInTreeAutoscaling: true,
    headGroupSpec: { template: { spec: { containers: [{ name: "ray-head" }] } } },
  },
};
const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: code }\n";
const CONFIG: ServiceConfig = {
  manifest: "app.yaml",
  upgrade: { merge: { spec: { serveConfigV2: "new" } } },
  versions: { before: "1", after: "2" },
  response: { version: { header: "X-Version" } },
  requests: [{ name: "predict", rate: 3 }],
};

/** Reads a service from a folder with these files, named from the folder above it. */
async function read(
  config: Partial<ServiceConfig> = {},
  files: Readonly<Record<string, string>> = {},
  running: Parameters<typeof readService>[2] = () => assert.fail("no RayService is looked for"),
): Promise<OwnService> {
  const folder = await mkdtemp(join(tmpdir(), "zerodrop-service-"));
  try {
    const all = { "app.yaml": `${CONFIG_MAP}---\n${RAY_SERVICE}`, ...files };
    for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text);
    return await readService(
      { ...CONFIG, ...config },
      { configFile: join(folder, "zerodrop.yaml"), cwd: "/" },
      running,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("a service's files", () => {
  test("give the RayService, what is beside it, and how it is upgraded by itself (defect: half a manifest)", async () => {
    const { service, ...rest } = await read();
    assert.deepEqual([rest.name, rest.namespace, rest.facts.strategy?.name], ["model", undefined, "10/3/20"]);
    assert.equal(rest.facts.deletionDelaySeconds, 5);
    assert.match(rest.manifests ?? "", /kind: ConfigMap/);
    assert.doesNotMatch(rest.manifests ?? "", /RayService/);
    assert.equal(service.rayService?.["kind"], "RayService");
    assert.deepEqual(service.upgrade, CONFIG.upgrade);
    assert.equal((await read({}, { "app.yaml": RAY_SERVICE })).manifests, undefined);
  });

  test("a second manifest is the spec that it has (defect: its name or its objects changed too)", async () => {
    const second = RAY_SERVICE.replace("old", "new").replace("model", "other");
    const { service, name } = await read({ upgrade: { manifest: "v2.yaml" } }, { "v2.yaml": second });
    assert.ok("spec" in service.upgrade);
    assert.deepEqual([name, service.upgrade.spec["serveConfigV2"]], ["model", "new"]);
  });

  test("what is beside the second manifest is there from the beginning (defect: new pods that mount what is not there)", async () => {
    const second = `${CONFIG_MAP}---\n${CONFIG_MAP.replace("code", "code-2")}---\n${RAY_SERVICE.replace("old", "new")}`;
    const { manifests } = await read({ upgrade: { manifest: "v2.yaml" } }, { "v2.yaml": second });
    assert.equal(manifests?.match(/kind: ConfigMap/g)?.length, 2);
    assert.match(manifests, /name: code-2/);
  });

  test("a request is what its configuration leaves open (defect: a body without its type, a GET that was not asked for)", async () => {
    const requests: ServiceConfig["requests"] = [
      { name: "a", rate: 1 },
      { name: "b", rate: 1, json: { x: 1 }, headers: { Authorization: { env: "TOKEN" } }, expect: { contains: "y" } },
      { name: "c", rate: 1, json: {}, headers: { "content-type": "application/x" }, connection: "new", session: true },
    ];
    const [a, b, c] = (await read({ requests })).service.requests;
    assert.deepEqual(a, {
      name: "a",
      method: "POST",
      path: "/",
      headers: {},
      body: null,
      expect: { status: 200 },
      freshConnection: false,
      session: false,
    });
    assert.deepEqual(b?.headers, { Authorization: { env: "TOKEN" }, "Content-Type": "application/json" });
    assert.deepEqual([b.body, b.expect], ['{"x":1}', { status: 200, contains: "y" }]);
    assert.deepEqual([c?.headers, c?.freshConnection, c?.session], [{ "content-type": "application/x" }, true, true]);
  });

  test("a script of the user's is in the plan with what it imports (defect: a plan that needs a file)", async () => {
    const script =
      'import { LoadClient } from "zerodrop/k6";\nimport { path } from "./b.ts";\nconst client = new LoadClient("own");\nexport default function () { client.request("POST", path, null); }\n';
    const files = { "a.ts": script, "b.ts": 'export const path: string = "/from-b";\n' };
    const { service } = await read({ requests: [{ name: "own", rate: 1, script: "a.ts" }] }, files);
    assert.match(service.requests[0]?.script ?? "", /"\/from-b"/);
    assert.match(service.requests[0]?.script ?? "", /from "zerodrop\/k6"/);
  });

  test("an authority is in the plan as text", async () => {
    const { service } = await read({ entry: { url: "https://a.example", authority: "ca.pem" } }, { "ca.pem": "PEM" });
    assert.deepEqual(service.entry, { url: "https://a.example", authority: "PEM" });
  });

  test("one that runs already is asked for, and read by what it is there (defect: the manifest of another day)", async () => {
    const asked: object[] = [];
    const own = await read({ manifest: undefined, running: { namespace: "n", name: "s" } }, {}, (service) => {
      asked.push(service);
      return Promise.resolve({ spec: { ...RUNNING, rayClusterDeletionDelaySeconds: 7 } });
    });
    assert.deepEqual(asked, [{ namespace: "n", name: "s" }]);
    assert.deepEqual([own.namespace, own.name, own.facts.deletionDelaySeconds], ["n", "s", 7]);
    assert.equal(own.service.rayService, undefined);
  });
});

test("one that runs already is held against the operator's limits, by its spec, its annotations and what its upgrade makes (defect: a staging cluster that waits for a deadline)", async () => {
  const refused = (said: RegExp, spec: object, more: object = {}, upgrade: object = { serveConfigV2: "new" }) =>
    assert.rejects(
      read(
        { manifest: undefined, running: { namespace: "n", name: "s" }, upgrade: { merge: { spec: upgrade as never } } },
        {},
        () => Promise.resolve({ spec: spec as never, ...more }),
      ),
      (error: unknown) => error instanceof UsageError && said.test(error.message),
    );
  const without = { ...RUNNING.rayClusterConfig, enableInTreeAutoscaling: false };
  await refused(/service\.running: rayClusterConfig\.enableIn.* received false\.$/, {
    ...RUNNING,
    rayClusterConfig: without,
  });
  await refused(/service\.upgrade: after it rayClusterConfig\.enableIn/, RUNNING, {}, { rayClusterConfig: without });
  await refused(/received "mine"/, RUNNING, { annotations: { "ray.io/external-storage-namespace": "mine" } });
});

/** Each: what of the configuration or its files is wrong, and what its sentence must say. */
const BAD: readonly (readonly [
  why: string,
  config: Partial<ServiceConfig>,
  files: Readonly<Record<string, string>>,
  ...says: RegExp[],
])[] = [
  ["no such file", { manifest: "none.yaml" }, {}, /service\.manifest must be a file that can be read/, /none\.yaml/],
  ["no RayService", {}, { "app.yaml": CONFIG_MAP }, /must have one RayService; received none/],
  ["two of them", {}, { "app.yaml": `${RAY_SERVICE}---\n${RAY_SERVICE}` }, /must have one RayService; received 2/],
  [
    "one of another version",
    {},
    { "app.yaml": RAY_SERVICE.replace("ray.io/v1", "ray.io/v1alpha1") },
    /ray\.io\/v1 with a name/,
    /apiVersion/,
  ],
  ["text", {}, { "app.yaml": "a: [" }, /must be YAML/],
  ["a list", {}, { "app.yaml": "- a" }, /objects only/],
  ["what holds itself", {}, { "app.yaml": "a: &a [*a]" }, /objects only|YAML/],
  ["a Secret", {}, { "app.yaml": `${RAY_SERVICE}---\nkind: Secret\n` }, /no Secret/, /service\.running/],
  [
    "a name that is too long for the operator",
    {},
    { "app.yaml": RAY_SERVICE.replace("model", "m".repeat(48)) },
    /service\.manifest: metadata\.name/,
  ],
  [
    "an annotation by which two RayClusters share their state",
    {},
    {
      "app.yaml": RAY_SERVICE.replace(
        "name: model",
        "name: model, annotations: { ray.io/external-storage-namespace: mine }",
      ),
    },
    /received "mine"/,
  ],
  [
    "an upgrade to what the operator refuses",
    { upgrade: { merge: { spec: { rayClusterConfig: { enableInTreeAutoscaling: null } } } } },
    {},
    /service\.upgrade: after it rayClusterConfig\.enableInTreeAutoscaling must be true/,
    /received none/,
  ],
  [
    "a route of the user's",
    {},
    { "app.yaml": `${RAY_SERVICE}---\napiVersion: gateway.networking.k8s.io/v1\nkind: GRPCRoute\n` },
    /service\.manifest must have no objects of Gateway API/,
    /received a GRPCRoute \(.*service\.entry/,
  ],
  [
    "a Gateway beside the second manifest",
    { upgrade: { manifest: "b.yaml" } },
    {
      "b.yaml": `${RAY_SERVICE.replace("old", "new")}---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n`,
    },
    /service\.upgrade\.manifest must have no objects of Gateway API/,
  ],
  [
    "a strategy of another kind",
    {},
    { "app.yaml": RAY_SERVICE.replace("stepSizePercent: 10", "stepSizePercent: ten") },
    /upgradeStrategy/,
    /stepSizePercent/,
  ],
  [
    "an upgrade that does not fit",
    { upgrade: { patch: [{ op: "remove", path: "/spec/none" }] } },
    {},
    /service\.upgrade must fit/,
    /\/spec\/none/,
  ],
  [
    "an upgrade to the same",
    { upgrade: { merge: { spec: { serveConfigV2: "old" } } } },
    {},
    /service\.upgrade must change/,
  ],
  [
    "an object of the first manifest changed in the second",
    { upgrade: { manifest: "b.yaml" } },
    { "b.yaml": `${CONFIG_MAP}data: { a: b }\n---\n${RAY_SERVICE.replace("old", "new")}` },
    /another name/,
    /ConfigMap code/,
  ],
  [
    "a second manifest without one",
    { upgrade: { manifest: "b.yaml" } },
    { "b.yaml": CONFIG_MAP },
    /service\.upgrade\.manifest/,
    /received none/,
  ],
];

describe("what is wrong with a service's files is said in one sentence (defect: found out when half of it exists)", () => {
  for (const [why, config, files, ...says] of BAD) {
    test(why, async () => {
      await assert.rejects(read(config, files), (error: unknown) => {
        assert.ok(error instanceof UsageError, String(error));
        for (const words of says) assert.match(error.message, words);
        assertOneSentence(error.message.replaceAll(/\/\S+\//g, ""));
        return true;
      });
    });
  }
});
