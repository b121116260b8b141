import assert from "node:assert/strict";
import type http from "node:http";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, lists, pod, watches } from "../kube/testing/api-server.ts";
import { trafficFirst } from "./traffic-first.ts";

const APPLICATION = { namespace: "ns", name: "app" };

function rayPod(cluster: string): KubeObject {
  const made = pod(`${cluster}-head`, "1");
  Object.assign(made.metadata, { labels: { "ray.io/cluster": cluster, "ray.io/node-type": "head" } });
  return made;
}

function route(old: number, made: number, name = "app-httproute"): KubeObject {
  const backendRefs = [
    { name: "old-serve-svc", weight: old },
    { name: "new-serve-svc", weight: made },
  ];
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name, namespace: "ns", uid: name, resourceVersion: String(made + 1) },
    spec: { rules: [{ backendRefs }] },
  };
}

/** What was done to pods, in order, and a wait for so many of it. */
class Scaled {
  readonly told: string[] = [];
  #awaited = { count: Infinity, ...Promise.withResolvers<undefined>() };

  readonly scale = (uid: string): Promise<AsyncDisposable> => {
    this.#tell(`${uid} less`);
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        this.#tell(`${uid} as before`);
        return Promise.resolve();
      },
    });
  };

  async until(count: number): Promise<readonly string[]> {
    this.#awaited = { count, ...Promise.withResolvers<undefined>() };
    this.#look();
    await this.#awaited.promise;
    return this.told;
  }

  #tell(what: string): void {
    this.told.push(what);
    this.#look();
  }

  #look(): void {
    if (this.told.length >= this.#awaited.count) this.#awaited.resolve(undefined);
  }
}

test("a RayCluster without traffic is worth less until it has some, and the one that has lost it then is (defect: the new side starts at the old one's cost, or serves with a part of its CPU)", async () => {
  const routes = Promise.withResolvers<http.ServerResponse>();
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "1", items: [rayPod("old"), rayPod("new"), pod("k6", "1")] }),
    watches("pods"),
    lists("httproutes", { version: "1", items: [route(100, 0), route(0, 0, "another")] }),
    watches("httproutes", (response) => {
      response.writeHead(200);
      response.flushHeaders();
      routes.resolve(response);
    }),
  );
  const scaled = new Scaled();
  const first = trafficFirst(await server.connect(), APPLICATION, scaled.scale);
  const watched = await routes.promise;
  assert.deepEqual(await scaled.until(1), ["uid-new-head less"]);
  const moved = (old: number, made: number): void => {
    watched.write(`${JSON.stringify({ type: "MODIFIED", object: route(old, made) })}\n`);
  };
  moved(75, 25);
  assert.deepEqual((await scaled.until(2)).slice(1), ["uid-new-head as before"]);
  moved(0, 100);
  assert.deepEqual((await scaled.until(3)).slice(2), ["uid-old-head less"]);
  await first[Symbol.asyncDispose]();
  assert.deepEqual(scaled.told.slice(3), ["uid-old-head as before"]);
});

test("before the route is known nobody is worth less (defect: the only RayCluster gets a quarter)", async () => {
  const listed = Promise.withResolvers<undefined>();
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "1", items: [rayPod("old")] }),
    watches("pods", (response) => {
      response.writeHead(200);
      response.flushHeaders();
      listed.resolve(undefined);
    }),
    lists("httproutes", { version: "1", items: [] }),
    watches("httproutes"),
  );
  const scaled = new Scaled();
  const first = trafficFirst(await server.connect(), APPLICATION, scaled.scale);
  await listed.promise;
  await first[Symbol.asyncDispose]();
  assert.deepEqual(scaled.told, []);
});
