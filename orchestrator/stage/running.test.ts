import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonPatchOperation } from "../kube/kube.ts";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import { SetUpError } from "../plan/errors.ts";
import { readRunning, withStrategy } from "./running.ts";
import { APPLICATION_REQUEST } from "./testing/request.ts";

const OWN = { stepSizePercent: 10, intervalSeconds: 3, maxSurgePercent: 20, gatewayClassName: "theirs" };
const INCREMENTAL = { type: "NewClusterWithIncrementalUpgrade", clusterUpgradeOptions: OWN };
const READY = {
  conditions: [{ type: "Ready", status: "True" }],
  activeServiceStatus: { rayClusterName: "app-abcde" },
};

/** A server with this RayService, which notes what it is patched with. */
async function serving(upgradeStrategy: object, status: object = READY) {
  const patches: JsonPatchOperation[][] = [];
  const server = await FaultyApiServer.start(({ method, url, body }, response) => {
    if (method === "GET" && url.pathname.endsWith("/rayservices")) {
      return json(response, 200, { metadata: { resourceVersion: "1" }, items: [{ metadata: { name: "other" } }] });
    }
    if (url.pathname.endsWith("/rayservices/none")) return json(response, 404, { kind: "Status", reason: "NotFound" });
    if (!url.pathname.endsWith("/rayservices/app")) return false;
    if (method === "PATCH") patches.push(JSON.parse(body) as JsonPatchOperation[]);
    const metadata = { name: "app", namespace: "ns", generation: 4 };
    return json(response, 200, {
      apiVersion: "ray.io/v1",
      kind: "RayService",
      metadata,
      spec: { upgradeStrategy },
      status,
    });
  });
  return { kube: await server.connect(), patches, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("a RayService that runs already", () => {
  test("is read, and nothing of it is changed by that", async () => {
    await using it = await serving(INCREMENTAL);
    const { spec, generation } = await readRunning(it.kube, { namespace: "ns", name: "app" });
    assert.deepEqual([spec, generation, it.patches], [{ upgradeStrategy: INCREMENTAL }, 4, []]);
  });

  const REFUSED: readonly (readonly [why: string, name: string, strategy: object, status: object, says: RegExp])[] = [
    ["that is not there", "none", INCREMENTAL, READY, /no RayService ns\/none; .* there are: other\./],
    [
      "that no Gateway moves",
      "app",
      { type: "NewCluster" },
      READY,
      /must have upgradeStrategy\.type NewClusterWithIncrementalUpgrade/,
    ],
    ["that is not Ready", "app", INCREMENTAL, { conditions: [] }, /must be Ready before it is changed/],
  ];
  for (const [why, name, strategy, status, says] of REFUSED) {
    test(`${why} is refused (defect: a load on what cannot be judged)`, async () => {
      await using it = await serving(strategy, status);
      await assert.rejects(readRunning(it.kube, { namespace: "ns", name }), (error: unknown) => {
        assert.ok(error instanceof SetUpError);
        assert.match(error.message, says);
        return true;
      });
    });
  }
});

const request = { ...APPLICATION_REQUEST, own: { rayService: undefined, image: undefined } };
const asked = { ...INCREMENTAL, clusterUpgradeOptions: { ...OWN, ...request.strategy } };
const place = "/spec/upgradeStrategy";

describe("the strategy of a run on it", () => {
  test("is set for the time of the run, its GatewayClass stays, and its own comes back (defect: the user's strategy lost)", async () => {
    await using it = await serving(INCREMENTAL);
    {
      await using _strategy = await withStrategy(it.kube, request);
      assert.deepEqual(it.patches, [
        [
          { op: "test", path: "/metadata/generation", value: 4 },
          { op: "replace", path: place, value: asked },
        ],
      ]);
    }
    assert.deepEqual(it.patches[1], [
      { op: "test", path: place, value: asked },
      { op: "replace", path: place, value: INCREMENTAL },
    ]);
  });

  test("is left alone where it is that already (defect: a generation for nothing)", async () => {
    await using it = await serving(asked);
    {
      await using _strategy = await withStrategy(it.kube, request);
    }
    assert.deepEqual(it.patches, []);
  });
});
