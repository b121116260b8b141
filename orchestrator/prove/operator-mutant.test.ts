import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { test } from "node:test";
import { z } from "zod";
import { repairPlatform } from "../change/repair.ts";
import type { JsonPatchOperation } from "../kube/kube.ts";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import type { Received } from "../kube/testing/api-server.ts";
import { DeadlineError } from "../plan/errors.ts";
import { useMutantOperator } from "./operator-mutant.ts";

const REAL = "zerodrop.local/kuberay-operator:1.6.2";
const MUTANTS = "zerodrop.local/kuberay-mutants:1.6.2";
const environment = z.array(z.unknown());

/** A server with the operator's Deployment, its pod, of the image that the Deployment has, and the lease by which that pod acts. */
class World {
  image = REAL;
  env: unknown[] | undefined;
  annotations: Record<string, string> | undefined = { own: "1" };
  /** Images whose pod is available, and those whose pod acts then. */
  readonly available = new Set([REAL, MUTANTS]);
  readonly acting = new Set([REAL, MUTANTS]);
  /** Told when something is watched. */
  onWatch = (): void => undefined;
  /** Images of the pods that acted, in order. */
  readonly led: string[] = [];
  #generation = 1;

  start(): Promise<FaultyApiServer> {
    return FaultyApiServer.start((received, response) => this.#answer(received, response));
  }

  #answer({ method, url, body }: Received, response: ServerResponse): boolean {
    const [, plural = ""] = /\/(pods|deployments|leases)(?:\/[^/]+)?$/.exec(url.pathname) ?? [];
    if (plural === "") return false;
    if (method === "PATCH") return this.#patch(JSON.parse(body) as JsonPatchOperation[], response);
    if (url.searchParams.has("watch")) {
      response.writeHead(200);
      response.flushHeaders();
      this.onWatch();
      return true;
    }
    const listed = plural === "pods" ? this.#pod() : plural === "leases" ? this.#lease() : this.#deployment();
    return json(response, 200, { metadata: { resourceVersion: "1" }, items: [listed] });
  }

  #patch(operations: readonly JsonPatchOperation[], response: ServerResponse): boolean {
    const applies = operations.every((one) => one.op !== "test" || isDeepStrictEqual(one.value, this.image));
    if (!applies) return json(response, 422, { kind: "Status", reason: "Invalid" });
    for (const operation of operations) this.#apply(operation);
    this.#generation += 1;
    return json(response, 200, this.#deployment());
  }

  #apply(operation: JsonPatchOperation): void {
    const { op, path } = operation;
    if (op === "test") return;
    const value = op === "remove" ? undefined : operation.value;
    const annotation = path.split("/metadata/annotations/")[1]?.replaceAll("~1", "/");
    if (path.endsWith("/0/image")) this.image = z.string().parse(value);
    else if (path.endsWith("/0/env")) this.env = environment.optional().parse(value);
    else if (annotation === undefined) this.annotations = z.record(z.string(), z.string()).parse(value);
    else if (value === undefined) delete this.annotations?.[annotation];
    else (this.annotations ??= {})[annotation] = z.string().parse(value);
  }

  #deployment(): object {
    const containers = [{ name: "operator", image: this.image, ...(this.env === undefined ? {} : { env: this.env }) }];
    const available = this.available.has(this.image) ? 1 : 0;
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        ...{ name: "kuberay-operator", namespace: "kuberay-system", generation: this.#generation },
        ...(this.annotations === undefined ? {} : { annotations: this.annotations }),
      },
      spec: { replicas: 1, template: { spec: { containers } } },
      status: { observedGeneration: this.#generation, replicas: 1, updatedReplicas: 1, availableReplicas: available },
    };
  }

  #pod(): object {
    const metadata = { name: "operator-1", namespace: "kuberay-system", uid: this.image };
    return { apiVersion: "v1", kind: "Pod", metadata };
  }

  #lease(): object {
    this.led.push(this.image);
    const metadata = { name: "ray-operator-leader", namespace: "kuberay-system", resourceVersion: "2" };
    const holderIdentity = this.acting.has(this.image) ? "operator-1_a" : "another_a";
    return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: { holderIdentity } };
  }
}

const mutant = { mutant: "skip-step", image: MUTANTS, deadlineMs: 1000 };
const never = new AbortController().signal;

test("the mutant acts for as long as it is used, and then the real operator as it was (defect: every later run is of a mutant)", async () => {
  for (const env of [undefined, [{ name: "OWN", value: "1" }]]) {
    const world = new World();
    world.env = env;
    await using server = await world.start();
    const kube = await server.connect();
    {
      await using _mutant = await useMutantOperator(kube, mutant, never);
      assert.equal(world.image, MUTANTS);
      assert.deepEqual(world.env, [...(env ?? []), { name: "ZERODROP_MUTANT", value: "skip-step" }]);
      assert.deepEqual(world.led, [MUTANTS]);
    }
    assert.deepEqual([world.image, world.env, world.annotations], [REAL, env, { own: "1" }]);
    assert.deepEqual(world.led, [MUTANTS, REAL]);
  }
});

test("what a killed process left is put back by the next run's repair (defect: only one that ends well puts it back)", async () => {
  const world = new World();
  world.annotations = undefined;
  await using server = await world.start();
  const kube = await server.connect();
  await useMutantOperator(kube, mutant, never);
  // A second one on top of the first: the real one is still known.
  await useMutantOperator(kube, { ...mutant, mutant: "third-cluster" }, never);
  assert.deepEqual(world.env, [{ name: "ZERODROP_MUTANT", value: "third-cluster" }]);
  assert.deepEqual(await repairPlatform(kube), ["the operator's image"]);
  assert.deepEqual([world.image, world.env, world.annotations], [REAL, undefined, {}]);
});

test("a run that has put the real operator back itself is not undone (defect: the real one is taken for the mutant)", async () => {
  const world = new World();
  await using server = await world.start();
  const kube = await server.connect();
  const inUse = await useMutantOperator(kube, mutant, never);
  await repairPlatform(kube);
  await inUse[Symbol.asyncDispose]();
  assert.deepEqual([world.image, world.env], [REAL, undefined]);
});

for (const [what, keep] of [
  ["becomes available", (world: World) => world.available],
  ["acts", (world: World) => world.acting],
] as const) {
  test(`a mutant that never ${what} is taken away again (defect: a platform without an operator)`, async () => {
    const world = new World();
    keep(world).delete(MUTANTS);
    await using server = await world.start();
    await assert.rejects(useMutantOperator(await server.connect(), mutant, never), DeadlineError);
    assert.deepEqual([world.image, world.env, world.annotations], [REAL, undefined, { own: "1" }]);
  });
}

test("an interruption while it is awaited puts the real operator back (defect: Ctrl+C leaves the mutant)", async () => {
  const world = new World();
  world.available.delete(MUTANTS);
  await using server = await world.start();
  const stop = new AbortController();
  world.onWatch = () => {
    stop.abort(new Error("interrupted"));
  };
  await assert.rejects(useMutantOperator(await server.connect(), mutant, stop.signal), /interrupted/);
  assert.deepEqual([world.image, world.env], [REAL, undefined]);
});
