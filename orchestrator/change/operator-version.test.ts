import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import { DeadlineError, SetUpError } from "../plan/errors.ts";
import { restoreOperatorVersion, setOperatorVersion } from "./operator-version.ts";

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** A server with the operator's Deployment, which takes patches of image and annotations; it becomes available unless the image is `broken`. */
class World {
  image = "registry:5000/kuberay-operator:1.6.2";
  annotations: Record<string, string> | undefined;
  generation = 1;
  readonly patches: Operation[][] = [];

  start(): Promise<FaultyApiServer> {
    return FaultyApiServer.start(({ method, url, body }, response) => {
      if (!url.pathname.includes("/deployments")) return false;
      if (method === "PATCH") {
        const operations = JSON.parse(body) as Operation[];
        this.patches.push(operations);
        for (const operation of operations) this.#apply(operation);
        this.generation += 1;
        return json(response, 200, this.#object());
      }
      if (url.searchParams.has("watch")) {
        response.writeHead(200);
        response.flushHeaders();
        return true;
      }
      const found = (url.searchParams.get("labelSelector") ?? "").startsWith("app.kubernetes.io/name=");
      const named = url.searchParams.has("fieldSelector");
      return json(response, 200, { metadata: { resourceVersion: "1" }, items: found || named ? [this.#object()] : [] });
    });
  }

  #apply({ op, path, value }: Operation): void {
    if (path.endsWith("/image")) {
      if (op === "test") assert.equal(value, this.image);
      else this.image = value as string;
    } else if (path === "/metadata/annotations") this.annotations = value as Record<string, string>;
    else if (op === "remove") delete this.annotations?.["zerodrop.dev/image-before"];
    else this.annotations = { ...this.annotations, "zerodrop.dev/image-before": value as string };
  }

  #object(): object {
    const replicas = this.image.endsWith(":broken") ? 0 : 1;
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        name: "kuberay-operator",
        namespace: "kuberay-system",
        generation: this.generation,
        ...(this.annotations && { annotations: this.annotations }),
      },
      spec: { replicas: 1, template: { spec: { containers: [{ name: "operator", image: this.image }] } } },
      status: { observedGeneration: this.generation, replicas: 1, updatedReplicas: 1, availableReplicas: replicas },
    };
  }
}

const waiting = { deadlineMs: 500 };

void test("the operator goes to another version and back, and nothing of it stays (defect: the next run has another operator)", async () => {
  const world = new World();
  await using server = await world.start();
  const kube = await server.connect();
  assert.deepEqual(await setOperatorVersion(kube, "1.5.1", waiting), {
    deployment: "kuberay-system/kuberay-operator",
    from: "1.6.2",
    to: "1.5.1",
    image: "registry:5000/kuberay-operator:1.5.1",
  });
  assert.deepEqual(world.annotations, { "zerodrop.dev/image-before": "registry:5000/kuberay-operator:1.6.2" });
  await setOperatorVersion(kube, "1.6.2", waiting);
  assert.equal(world.image, "registry:5000/kuberay-operator:1.6.2");
  assert.deepEqual(world.annotations, {});
  assert.equal(await restoreOperatorVersion(kube), false);
});

void test("a killed run's operator is put back, whatever versions it went through (defect: the second one is taken for the original)", async () => {
  const world = new World();
  world.annotations = { own: "yes" };
  await using server = await world.start();
  const kube = await server.connect();
  await setOperatorVersion(kube, "1.5.1", waiting);
  await setOperatorVersion(kube, "1.5.0", waiting);
  assert.equal(await restoreOperatorVersion(kube), true);
  assert.equal(world.image, "registry:5000/kuberay-operator:1.6.2");
  assert.deepEqual(world.annotations, { own: "yes" });
});

void test("the version that is there is not set again (defect: an operator restarted for nothing, which stalls a change)", async () => {
  const world = new World();
  await using server = await world.start();
  await setOperatorVersion(await server.connect(), "1.6.2", waiting);
  assert.deepEqual(world.patches, []);
});

void test("an operator that does not become available is told, and can still be put back (defect: a broken platform is left)", async () => {
  const world = new World();
  await using server = await world.start();
  const kube = await server.connect();
  await assert.rejects(setOperatorVersion(kube, "broken", waiting), DeadlineError);
  assert.equal(await restoreOperatorVersion(kube), true);
  assert.equal(world.image, "registry:5000/kuberay-operator:1.6.2");
});

void test("an image by digest alone is not changed (defect: a tag is put on a digest)", async () => {
  const world = new World();
  world.image = "registry:5000/kuberay-operator@sha256:00";
  await using server = await world.start();
  await assert.rejects(setOperatorVersion(await server.connect(), "1.5.1", waiting), SetUpError);
  assert.deepEqual(world.patches, []);
});
