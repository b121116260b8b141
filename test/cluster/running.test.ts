import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parse, parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { connect } from "../../orchestrator/kube/connect.ts";
import type { KubeObject } from "../../orchestrator/kube/kube.ts";
import { runResultSchema } from "../../orchestrator/judge/run-result.ts";
import { asRun } from "../../orchestrator/plan/own-spec.ts";
import { activeClusterIfReady, describeRayService } from "../../orchestrator/stage/ready.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { IMAGES } from "../../scripts/artefacts/list.ts";
import { versions } from "../../scripts/artefacts/versions.ts";
import { temporaryFolder, zerodrop, zerodropIn } from "./commands.ts";
import { kubeconfigFor } from "./service-account.ts";
import { assertUnnoticed } from "./unnoticed.ts";

/** A service of somebody else's, in a namespace of theirs, and who may run zerodrop on it. */
const NAMESPACE = "models";
const ACCOUNT = { namespace: NAMESPACE, name: "runner" };
const RBAC = "rbac.authorization.k8s.io/v1";
const EXAMPLE = join(CHECKOUT, "examples/http-model");
const RAY_SERVICE = { apiVersion: "ray.io/v1", kind: "RayService" };
/** What it has by itself: another strategy than the run's. */
const OWN = { stepSizePercent: 5, intervalSeconds: 10, maxSurgePercent: 25 };

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.record(z.string(), z.json()).optional(),
});
const configSchema = z.looseObject({ service: z.looseObject({ versions: z.looseObject({ after: z.string() }) }) });
const specSchema = z.looseObject({
  spec: z.looseObject({
    serveConfigV2: z.string(),
    upgradeStrategy: z.looseObject({ clusterUpgradeOptions: z.looseObject({}) }),
  }),
});

async function documentsIn(file: string): Promise<z.infer<typeof objectSchema>[]> {
  return parseAllDocuments(await readFile(file, "utf8")).map((document) => objectSchema.parse(document.toJS()));
}

test(
  "a service that runs already is upgraded under load, and stays, with its own strategy and nothing of ours beside it (defect: it is removed, or left changed)",
  { timeout: 45 * 60_000 },
  async () => {
    assert.equal((await zerodrop("cluster", "up").ended).code, 0);
    const kube = await connect({ kubeconfigPath: layoutOf().kubeconfig });
    await using undo = new AsyncDisposableStack();
    await using folder = await temporaryFolder();
    const [role] = await documentsIn(join(CHECKOUT, "manifests/rbac/runner.yaml"));
    assert.ok(role !== undefined);
    undo.defer(async () => {
      await kube.delete({ apiVersion: RBAC, kind: "ClusterRoleBinding", name: NAMESPACE });
      await kube.delete({ apiVersion: RBAC, kind: "ClusterRole", name: role.metadata.name });
      await kube.delete({ apiVersion: "v1", kind: "Namespace", name: NAMESPACE });
    });
    await kube.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    await kube.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { ...ACCOUNT } });
    await kube.apply(role);
    await kube.apply({
      ...{ apiVersion: RBAC, kind: "ClusterRoleBinding", metadata: { name: NAMESPACE } },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", ...ACCOUNT }],
    });
    const settings = { strategy: OWN, image: IMAGES.ray, rayVersion: versions.ray };
    let name = "";
    for (const { spec, ...object } of await documentsIn(join(EXAMPLE, "rayservice.yaml"))) {
      const placed: KubeObject = { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } };
      await kube.apply(spec === undefined ? placed : { ...placed, spec: asRun(spec, settings) });
      if (object.kind === "RayService") name = object.metadata.name;
    }
    const service = { ...RAY_SERVICE, namespace: NAMESPACE, name };
    const before = await kube.waitFor(
      RAY_SERVICE,
      { namespace: NAMESPACE },
      {
        what: "the service Ready",
        deadlineMs: 240_000,
        predicate: ([found]) => activeClusterIfReady(found),
        describe: ([found]) => describeRayService(found),
      },
    );

    const { manifest: _manifest, ...own } = configSchema.parse(
      parse(await readFile(join(EXAMPLE, "zerodrop.yaml"), "utf8")),
    ).service;
    const config = join(folder.path, "theirs.yaml");
    const running = { namespace: NAMESPACE, name };
    await writeFile(config, stringify({ images: { k6: IMAGES.load }, service: { ...own, running } }));
    const env = { KUBECONFIG: await kubeconfigFor(kube, { ...ACCOUNT, folder: folder.path }) };
    const out = join(folder.path, "recording");
    const flags = ["--context", "theirs", "--config", config, "--strategy", "aggressive"];
    const dry = await zerodropIn(env, "load", ...flags, "--dry-run").ended;
    assert.equal(dry.code, 0);
    assert.match(dry.stdout, new RegExp(`RayService ${NAMESPACE}/${name} is there, and is changed`));
    const { code, stderr } = await zerodropIn(env, "load", ...flags, "--out", out).ended;
    const text = await readFile(join(out, "run.json"), "utf8").catch(() => assert.fail(stderr));
    const result = runResultSchema.parse(JSON.parse(text));
    assertUnnoticed(result, code);

    const left = await kube.get(service);
    const { spec } = specSchema.parse(left);
    assert.notEqual(activeClusterIfReady(left), before);
    assert.match(spec.serveConfigV2, new RegExp(`version: "?${own.versions.after}`));
    const { gatewayClassName: _class, ...options } = spec.upgradeStrategy.clusterUpgradeOptions;
    assert.deepEqual(options, OWN);
    assert.equal(left?.metadata.labels?.["zerodrop.dev/run"], undefined);
    const ours = await kube.list({ apiVersion: "v1", kind: "Namespace" }, { labelSelector: "zerodrop.dev/run" });
    assert.deepEqual(
      ours.map(({ metadata }) => metadata.name),
      [],
    );
    assert.deepEqual(await kube.list({ apiVersion: "batch/v1", kind: "Job" }, { namespace: NAMESPACE }), []);
  },
);
