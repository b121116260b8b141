import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import type { JsonPatchOperation, KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import { SetUpError } from "../plan/errors.ts";
import { ourApplication } from "./changed-application.ts";
import { Goals } from "./goals.ts";
import { digestOf } from "./spec-change.ts";

const SERVICE = { namespace: "ns", name: "s" };
const VALUES = { after: { version: "v2", workerCpu: "90m" }, third: { version: "v3", workerCpu: "95m" } };

function rayService(version: string, cpu: string, generation: number, pending = ""): KubeObject {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "s", namespace: "ns", generation },
    spec: {
      serveConfigV2: `# ours\napplications:\n  - name: a\n    import_path: m:app\n    deployments:\n      - name: d\n        user_config:\n          version: ${version}\n`,
      rayClusterConfig: {
        workerGroupSpecs: [{ template: { spec: { containers: [{ resources: { requests: { cpu } } }] } } }],
      },
    },
    status: { activeServiceStatus: { rayClusterName: "c1" }, pendingServiceStatus: { rayClusterName: pending } },
  };
}

/** A server that answers each patch with the next of these objects, and every question with the last one it gave. */
async function answering(...objects: KubeObject[]) {
  let now = 0;
  const server = await FaultyApiServer.start(({ method, url }, response) => {
    if (!url.pathname.endsWith("/rayservices/s")) return false;
    if (method === "PATCH") now += 1;
    return json(response, 200, objects[now]);
  });
  const goals = new Goals(await server.connect(), SERVICE, ourApplication(VALUES), realClock);
  const patches = (): JsonPatchOperation[][] =>
    server.received
      .filter(({ method }) => method === "PATCH")
      .map(({ body }) => JSON.parse(body) as JsonPatchOperation[]);
  return { goals, patches, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const [A, B] = [rayService("v1", "100m", 1), rayService("v2", "90m", 2)];

test("an upgrade is one patch of version and worker cpu that tests the generation (defect: it applies to a spec that was not read)", async () => {
  await using server = await answering(A, B);
  const { facts, activeCluster } = await server.goals.set({ do: "upgrade" });
  const { askedAtMs, ...others } = facts;
  assert.ok(Math.abs(askedAtMs - Date.now()) < 10_000);
  assert.deepEqual(others, {
    goal: "after",
    before: { generation: 1, versions: ["v1"], workerCpu: "100m", digest: digestOf(A["spec"]) },
    after: { generation: 2, versions: ["v2"], workerCpu: "90m", digest: digestOf(B["spec"]) },
  });
  assert.equal(activeCluster, "c1");
  const [[generation, config, cpu, ...more] = []] = server.patches();
  assert.deepEqual(generation, { op: "test", path: "/metadata/generation", value: 1 });
  assert.ok(config?.op === "replace" && config.path === "/spec/serveConfigV2");
  assert.match(String(config.value), /# ours[^]*version: v2/);
  assert.ok(cpu?.op === "replace" && cpu.path.endsWith("/requests/cpu") && cpu.value === "90m");
  assert.deepEqual(more, []);
});

test("back, and forward again, the spec is what it was to the letter (defect: a hash that is another one, and a third RayCluster)", async () => {
  await using server = await answering(A, B, rayService("v1", "100m", 3, "c2"), rayService("v2", "90m", 4, "c2"));
  await server.goals.set({ do: "upgrade" });
  const back = await server.goals.set({ do: "rollback" });
  const forth = await server.goals.set({ do: "upgrade" });
  assert.deepEqual([back.facts.goal, forth.facts.goal], ["before", "after"]);
  const [, second, third] = server.patches();
  assert.deepEqual(second, [
    { op: "test", path: "/metadata/generation", value: 2 },
    { op: "replace", path: "/spec", value: A["spec"] },
  ]);
  assert.deepEqual(third, [
    { op: "test", path: "/metadata/generation", value: 3 },
    { op: "replace", path: "/spec", value: B["spec"] },
  ]);
});

test("a third version is made of the second one's spec, under way (defect: it needs nothing pending)", async () => {
  await using server = await answering(A, B, rayService("v3", "95m", 3, "c2"));
  await server.goals.set({ do: "upgrade" });
  const { facts } = await server.goals.set({ do: "third" });
  assert.deepEqual([facts.goal, facts.after.versions, facts.after.workerCpu], ["third", ["v3"], "95m"]);
});

test("an upgrade in place changes the serve config and nothing else (defect: a new RayCluster)", async () => {
  await using server = await answering(A, rayService("v2", "100m", 2));
  await server.goals.set({ do: "in-place" });
  const [operations = []] = server.patches();
  assert.deepEqual(
    operations.map((operation) => operation.path),
    ["/metadata/generation", "/spec/serveConfigV2"],
  );
});

test("an import path and operations of a step go along (defect: an undeployable target that deploys)", async () => {
  await using server = await answering(A, B);
  const patch = [{ op: "replace" as const, path: "/spec/x", value: 1 }];
  await server.goals.set({ do: "upgrade", importPath: "no:app", patch });
  const [operations = []] = server.patches();
  assert.match(JSON.stringify(operations[1]), /import_path: no:app/);
  assert.deepEqual(operations.at(-1), patch[0]);
});

test("a change the server accepted without making it is an error, not a goal (defect: half a change taken for one)", async () => {
  for (const answer of [A, rayService("v1", "90m", 2)]) {
    await using server = await answering(A, answer);
    await assert.rejects(
      server.goals.set({ do: "upgrade" }),
      (error: unknown) => error instanceof SetUpError && error.message.includes("accepted but is not there"),
    );
  }
});

test("nothing is sent when nothing would change, while a change is under way, or to take back what was never made", async () => {
  for (const before of [rayService("v2", "100m", 1), rayService("v1", "100m", 1, "c2")]) {
    await using server = await answering(before, before);
    await assert.rejects(server.goals.set({ do: "upgrade" }), SetUpError);
    assert.deepEqual(server.patches(), []);
  }
});
