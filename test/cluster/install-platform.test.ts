import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { runResultSchema } from "../../orchestrator/judge/run-result.ts";
import { connect } from "../../orchestrator/kube/connect.ts";
import { KubeError, type Kube, type KubeObject } from "../../orchestrator/kube/kube.ts";
import { platformManifests } from "../../orchestrator/target/built.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { CRD, REMOVAL } from "../../orchestrator/target/platform/kinds.ts";
import { OFFICIAL_IMAGES } from "../../orchestrator/target/platform/images.ts";
import { PLATFORM_PARTS } from "../../orchestrator/target/platform/labels.ts";
import { nameOf, platformObjects } from "../../orchestrator/target/platform/parts.ts";
import { IMAGES } from "../../scripts/artefacts/list.ts";
import { temporaryFolder, zerodrop, zerodropIn } from "./commands.ts";
import { kubeconfigFor } from "./service-account.ts";
import { assertUnnoticed } from "./unnoticed.ts";

/** The embedded cluster as somebody else's, without its platform: as a service account with the documented ClusterRoles. */
const ACCOUNT = { namespace: "release-tests", name: "installer" };
const ROLES = new URL("../../manifests/rbac/runner.yaml", import.meta.url);
const RBAC = "rbac.authorization.k8s.io/v1";
const requirementsSchema = z.array(z.looseObject({ name: z.string(), state: z.string() }));
const dryRunSchema = z.looseObject({ creates: z.array(z.string()) });

/** Everything that an installation creates. */
async function everything(): Promise<KubeObject[]> {
  const quiet = () => undefined;
  const progress = { started: quiet, finished: quiet, failed: quiet, kept: quiet };
  const folder = await platformManifests("a test", { progress, signal: new AbortController().signal });
  return platformObjects(folder, PLATFORM_PARTS, OFFICIAL_IMAGES);
}

/** Those of the objects that are on the cluster, by their names. */
async function thereOf(kube: Kube, objects: readonly KubeObject[]): Promise<string[]> {
  const found = await Promise.all(
    objects.map(async ({ apiVersion, kind, metadata: { name, namespace } }) =>
      kube.get({ apiVersion, kind, name, ...(namespace !== undefined && { namespace }) }).catch((error: unknown) => {
        if (error instanceof KubeError && error.status === 404) return undefined;
        throw error;
      }),
    ),
  );
  return found.flatMap((object) => (object === undefined ? [] : [nameOf(object)]));
}

/** Takes the platform away that the embedded cluster was made with, which has not the installer's label. */
async function takeAway(kube: Kube, objects: readonly KubeObject[]): Promise<void> {
  for (const kinds of REMOVAL) {
    const group = objects.filter((one) =>
      kinds.some(({ apiVersion, kind }) => one.apiVersion === apiVersion && one.kind === kind),
    );
    for (const {
      apiVersion,
      kind,
      metadata: { name, namespace },
    } of group) {
      await kube.delete({ apiVersion, kind, name, ...(namespace !== undefined && { namespace }) });
    }
    for (let tries = 0; (await thereOf(kube, group)).length > 0; tries += 1) {
      assert.ok(tries < 120, `still there: ${(await thereOf(kube, group)).join(", ")}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

test(
  "a bare cluster: what it lacks is told, listed, installed, run on, and removed again (defect: an installation that leaves something)",
  { timeout: 45 * 60_000 },
  async () => {
    assert.equal((await zerodrop("cluster", "up").ended).code, 0);
    const kube = await connect({ kubeconfigPath: layoutOf().kubeconfig });
    const objects = await everything();
    await using folder = await temporaryFolder();
    await using undo = new AsyncDisposableStack();
    // A node without its platform calls itself whole: the next `up` has to make it anew.
    undo.defer(async () => {
      await zerodrop("cluster", "down").ended;
    });
    await takeAway(kube, objects);
    assert.deepEqual(await thereOf(kube, objects), []);

    await kube.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: ACCOUNT.namespace } });
    await kube.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { ...ACCOUNT } });
    const env = { KUBECONFIG: await kubeconfigFor(kube, { ...ACCOUNT, folder: folder.path }) };
    const [runner, , installer] = parseAllDocuments(await readFile(ROLES, "utf8")).map(
      (one) => one.toJS() as KubeObject,
    );
    const bound = async (role: KubeObject | undefined): Promise<void> => {
      assert.ok(role !== undefined);
      await kube.apply(role);
      await kube.apply({
        ...{ apiVersion: RBAC, kind: "ClusterRoleBinding", metadata: { name: role.metadata.name } },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", ...ACCOUNT }],
      });
    };
    await bound(runner);
    const config = join(folder.path, "theirs.yaml");
    const images = {
      ...{ k6: IMAGES.load, ray: IMAGES.ray, kuberay: IMAGES["kuberay-operator"] },
      ...{ envoyGateway: IMAGES["envoy-gateway"], envoy: IMAGES.envoy },
    };
    await writeFile(config, stringify({ images }));
    const named = ["--context", "theirs", "--config", config];
    const lacking = async (): Promise<string[]> => {
      const { stdout } = await zerodropIn(env, "doctor", ...named, "--json").ended;
      return requirementsSchema.parse(JSON.parse(stdout)).flatMap(({ name, state }) => (state === "met" ? [] : [name]));
    };
    assert.deepEqual(await lacking(), ["RayService", "KubeRay operator", "Gateway API", "GatewayClass"]);

    const untold = await zerodropIn(env, "load", ...named).ended;
    assert.equal(untold.code, 69);
    assert.match(untold.stderr, /or let --install-platform do so/);
    const forbidden = await zerodropIn(env, "load", ...named, "--install-platform").ended;
    assert.equal(forbidden.code, 69);
    assert.match(forbidden.stderr, /may not install the platform .* zerodrop-platform/);
    assert.deepEqual(await thereOf(kube, objects), []);

    await bound(installer);
    const dry = await zerodropIn(env, "load", ...named, "--install-platform", "--dry-run", "--json").ended;
    assert.equal(dry.code, 0);
    const { creates } = dryRunSchema.parse(JSON.parse(dry.stdout));
    assert.deepEqual(
      creates.slice(0, objects.length),
      objects.map((object) => `${nameOf(object)} (platform)`),
    );
    assert.deepEqual(await thereOf(kube, objects), []);

    const out = join(folder.path, "recording");
    const load = ["load", ...named, "--install-platform", "--strategy", "aggressive", "--rate", "100", "--out", out];
    const { code } = await zerodropIn(env, ...load).ended;
    const result = runResultSchema.parse(JSON.parse(await readFile(join(out, "run.json"), "utf8")));
    assertUnnoticed(result, code);
    assert.deepEqual(await lacking(), []);
    // It stays for the next run, and all of it has the label; the Job of the certificates goes by itself.
    const labelled = await Promise.all(
      REMOVAL.flat().map((kind) => kube.list(kind, { labelSelector: "zerodrop.dev/platform" })),
    );
    const expected = objects.map(nameOf).filter((name) => !name.startsWith("Job "));
    const found = labelled
      .flat()
      .map(nameOf)
      .filter((name) => !name.startsWith("Job "));
    assert.deepEqual(found.sort(), expected.sort());

    const removal = ["cluster", "remove-platform", "--context", "theirs"];
    const asked = await zerodropIn(env, ...removal, "--dry-run").ended;
    assert.equal(asked.code, 0);
    assert.match(asked.stdout, /^would remove GatewayClass zerodrop$/m);
    assert.equal((await zerodropIn(env, ...removal).ended).code, 0);
    assert.deepEqual(await thereOf(kube, objects), []);
    assert.deepEqual(await kube.list(CRD, { labelSelector: "zerodrop.dev/platform" }), []);
    assert.deepEqual(await lacking(), ["RayService", "KubeRay operator", "Gateway API", "GatewayClass"]);
  },
);
