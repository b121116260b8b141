import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyApiServer, json } from "../../kube/testing/api-server.ts";
import { faultContext } from "../testing/fault-context.ts";
import type { NodeFaults } from "./fault.ts";
import { beginFault } from "./index.ts";

const FAULT = { kind: "out-of-memory", target: "active-head" } as const;

/** A head's pod whose Ray container has this id. */
function head(containerID: string | undefined) {
  const status = { activeServiceStatus: { rayClusterName: "c1" } };
  const service = { apiVersion: "ray.io/v1", kind: "RayService", metadata: { name: "s", generation: 1 }, status };
  const statuses = [
    { name: "autoscaler", containerID: "containerd://other" },
    { name: "ray-head", containerID },
  ];
  const pod = {
    metadata: { name: "head", namespace: "ns", uid: "uid-head" },
    spec: { containers: [{ name: "ray-head" }, { name: "autoscaler" }] },
    status: { containerStatuses: statuses },
  };
  return FaultyApiServer.start(({ url }, response) =>
    url.pathname.endsWith("/rayservices/s")
      ? json(response, 200, service)
      : url.pathname.endsWith("/pods") && json(response, 200, { metadata: { resourceVersion: "1" }, items: [pod] }),
  );
}

function filling(filled: unknown[]): NodeFaults {
  const never = () => Promise.reject(new Error("nothing else is to be done"));
  return {
    ...{ stopApiServer: never, startApiServer: never, cutNetwork: never, limitCpu: never },
    fillMemory: (container) => {
      filled.push(container);
      return Promise.resolve({ kills: 2 });
    },
  };
}

void test("the memory of the head's Ray container is filled, not that of its neighbour", async () => {
  await using server = await head("containerd://its-own");
  const filled: unknown[] = [];
  const context = faultContext(await server.connect(), { node: filling(filled) });
  const { facts, ended } = await beginFault(FAULT, context);
  assert.deepEqual(filled, [{ uid: "uid-head", containerId: "its-own" }]);
  assert.deepEqual(facts, {
    pods: [{ name: "head", uid: "uid-head", namespace: "ns", of: "active-head" }],
    askedAtMs: context.clock.wallMs(),
    container: "ray-head",
    kills: 2,
  });
  assert.equal(ended, undefined);
});

void test("a container that has not been started is told (defect: a fault recorded that was never done)", async () => {
  for (const id of [undefined, ""]) {
    await using server = await head(id);
    const filled: unknown[] = [];
    const context = faultContext(await server.connect(), { node: filling(filled) });
    await assert.rejects(
      beginFault(FAULT, context),
      /Container ray-head of pod ns\/head must run .*has not been started\.$/,
    );
    assert.deepEqual(filled, []);
  }
});
