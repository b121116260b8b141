import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { connect } from "../../orchestrator/kube/connect.ts";
import type { KubeObject } from "../../orchestrator/kube/kube.ts";
import { runResultSchema } from "../../orchestrator/judge/run-result.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { IMAGES } from "../../scripts/artefacts/list.ts";
import { temporaryFolder, zerodrop, zerodropIn } from "./commands.ts";
import { kubeconfigFor } from "./service-account.ts";
import { assertUnnoticed } from "./unnoticed.ts";

/** The embedded cluster as somebody else's: by a context, as a service account with exactly the documented ClusterRole. */
const NAMESPACE = "release-tests";
const NAME = "runner";
const ACCOUNT = { namespace: NAMESPACE, name: NAME };
const ROLE = new URL("../../manifests/rbac/runner.yaml", import.meta.url);
const RBAC = "rbac.authorization.k8s.io/v1";

const requirementsSchema = z.array(
  z.object({ name: z.string(), state: z.string(), found: z.string(), remedy: z.string() }),
);

test(
  "a cluster by its context: doctor names what is missing, load runs with the documented rights alone and leaves nothing",
  { timeout: 45 * 60_000 },
  async () => {
    assert.equal((await zerodrop("cluster", "up").ended).code, 0);
    const kube = await connect({ kubeconfigPath: layoutOf().kubeconfig });
    const role = parseAllDocuments(await readFile(ROLE, "utf8"))[0]?.toJS() as KubeObject;
    await using undo = new AsyncDisposableStack();
    await using folder = await temporaryFolder();
    undo.defer(async () => {
      await kube.delete({ apiVersion: RBAC, kind: "ClusterRoleBinding", name: NAME });
      await kube.delete({ apiVersion: RBAC, kind: "ClusterRole", name: role.metadata.name });
      await kube.delete({ apiVersion: "v1", kind: "Namespace", name: NAMESPACE });
    });
    await kube.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    await kube.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace: NAMESPACE } });
    const env = { KUBECONFIG: await kubeconfigFor(kube, { ...ACCOUNT, folder: folder.path }) };
    const config = join(folder.path, "theirs.yaml");
    await writeFile(config, stringify({ images: { k6: IMAGES.load, ray: IMAGES.ray } }));
    const named = ["--context", "theirs", "--config", config];
    const doctor = async (
      ...flags: string[]
    ): Promise<{ code: number | null; told: z.infer<typeof requirementsSchema> }> => {
      const { code, stdout } = await zerodropIn(env, "doctor", ...flags, "--json").ended;
      return { code, told: requirementsSchema.parse(JSON.parse(stdout)) };
    };

    // Nobody has given it any right: all that it can tell is that.
    const before = await doctor(...named);
    assert.equal(before.code, 69);
    assert.match(before.told.find(({ name }) => name === "rights")?.found ?? "", /^may not get, list, watch, create/);
    const refused = await zerodropIn(env, "load", ...named, "--dry-run").ended;
    assert.equal(refused.code, 69);
    assert.match(refused.stderr, /cannot be run on yet\. rights: .* npm run doctor -- --context theirs/s);

    await kube.apply(role);
    await kube.apply({
      apiVersion: RBAC,
      kind: "ClusterRoleBinding",
      metadata: { name: NAME },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }],
    });
    const after = await doctor(...named);
    assert.deepEqual(
      after.told.filter(({ state }) => state !== "met"),
      [],
    );
    assert.equal(after.code, 0);
    const unnamed = await doctor("--context", "theirs");
    assert.deepEqual(
      unnamed.told.flatMap(({ name, state }) => (state === "met" ? [] : [name])),
      ["image of the load"],
    );

    const out = join(folder.path, "recording");
    const { code } = await zerodropIn(env, "load", ...named, "--strategy", "aggressive", "--rate", "100", "--out", out)
      .ended;
    const result = runResultSchema.parse(JSON.parse(await readFile(join(out, "run.json"), "utf8")));
    assertUnnoticed(result, code);
    assert.equal(result.environment.target, "context");
    const left = await kube.list({ apiVersion: "v1", kind: "Namespace" }, { labelSelector: "zerodrop.dev/run" });
    assert.deepEqual(
      left.map(({ metadata }) => metadata.name),
      [],
    );
    for (const text of [
      await readFile(join(out, "plan.json"), "utf8"),
      await readFile(join(out, "history.ndjson"), "utf8"),
    ]) {
      assert.ok(!text.includes(env.KUBECONFIG), "the recording does not say where the kubeconfig is");
    }
  },
);
