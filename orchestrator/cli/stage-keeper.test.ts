import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { FaultyApiServer, json, type Handler } from "../kube/testing/api-server.ts";
import type { Kube } from "../kube/kube.ts";
import { SetUpError } from "../plan/errors.ts";
import type { ApplicationRequest } from "../stage/manifests.ts";
import { APPLICATION_REQUEST } from "../stage/testing/request.ts";
import { StageKeeper, type KeeperOptions } from "./stage-keeper.ts";

const of = (runId: string, rest: Partial<ApplicationRequest> = {}): ApplicationRequest => ({
  ...APPLICATION_REQUEST,
  runId,
  ...rest,
});

/** Of the operator's Gateway and HTTPRoute. */
const OWNER = { apiVersion: "ray.io/v1", kind: "RayService", name: "app", controller: true };
const GATEWAY_API = "/apis/gateway.networking.k8s.io/v1";
const SERVICE = "/apis/ray.io/v1/namespaces/ns/rayservices/app";
const POD = "/api/v1/namespaces/ns/pods/head";
/** Of the gateway: in the list of pods of all namespaces until its own namespace has none. */
const DATA_PLANE = "/api/v1/pods/envoy";
const object = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });
const ready = (type: string): unknown => ({ type, status: "True" });

/** A cluster whose operator makes an application Ready as soon as its RayService is there, and which forgets what is deleted. */
class World {
  /** Whether Ray's pods are Ready as soon as they are made. */
  readyPods = true;
  readonly objects = new Map<string, z.infer<typeof object>>();
  staged = 0;

  readonly handler: Handler = ({ method, url, body }, response) => {
    const path = url.pathname;
    if (method === "GET" && url.searchParams.has("watch")) {
      response.writeHead(200);
      response.flushHeaders();
      return true;
    }
    if (method === "POST" || method === "PATCH") {
      const made = object.parse(JSON.parse(body));
      const at = method === "POST" ? `${path}/${made.metadata.name}` : path;
      if (method === "POST" && this.objects.has(at)) {
        return json(response, 409, { kind: "Status", reason: "AlreadyExists" });
      }
      this.objects.set(at, made);
      if (at === SERVICE) this.operate(made);
      return json(response, 200, made);
    }
    if (method === "DELETE") {
      // A namespace takes along what is in it, a RayService what was made for it.
      const gone = path === SERVICE ? "/apis/" : path;
      for (const key of [...this.objects.keys()]) {
        if (key.startsWith(gone) && (gone === "/apis/" ? key.includes("/namespaces/ns/") : true))
          this.objects.delete(key);
      }
      if (path === "/api/v1/namespaces/ns") this.objects.delete(DATA_PLANE);
      return json(response, 200, { kind: "Status" });
    }
    const found = this.objects.get(path);
    if (found !== undefined) return json(response, 200, found);
    if (!/\/(namespaces|pods|rayservices|rayclusters|gateways|gatewayclasses|httproutes|jobs)$/.test(path))
      return false;
    const field = url.searchParams.get("fieldSelector")?.split("=")[1];
    const items = [...this.objects]
      .filter(([key]) => key.startsWith(`${path}/`) && !key.slice(path.length + 1).includes("/"))
      .map(([, item]) => item)
      .filter(({ metadata }) => field === undefined || metadata.name === field);
    return json(response, 200, { metadata: { resourceVersion: "1" }, items });
  };

  constructor() {
    this.put(`${GATEWAY_API}/gatewayclasses/zerodrop`, {});
  }

  operate(service: z.infer<typeof object>): void {
    this.staged += 1;
    const cluster = `app-${String(this.staged)}`;
    this.put(SERVICE, {
      ...service,
      status: { conditions: [ready("Ready")], activeServiceStatus: { rayClusterName: cluster } },
    });
    this.put(`/apis/ray.io/v1/namespaces/ns/rayclusters/${cluster}`, {});
    this.put(
      POD,
      { status: { conditions: this.readyPods ? [ready("Ready")] : [], containerStatuses: [{ restartCount: 0 }] } },
      `uid-${cluster}`,
    );
    this.put(DATA_PLANE, { status: { conditions: [ready("Ready")] } }, `uid-envoy-${cluster}`);
    const metadata = { ownerReferences: [OWNER] };
    this.put(`${GATEWAY_API}/namespaces/ns/gateways/app-gateway`, {
      metadata,
      status: { conditions: [ready("Programmed")], addresses: [{ value: "10.0.0.1" }] },
    });
    this.put(`${GATEWAY_API}/namespaces/ns/httproutes/app-httproute`, {
      metadata,
      spec: { rules: [] },
      status: { parents: [{ conditions: [ready("Accepted"), ready("ResolvedRefs")] }] },
    });
  }

  put(path: string, rest: Record<string, unknown>, uid?: string): void {
    const name = path.split("/").at(-1) ?? "";
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
    const { metadata } = z.looseObject({ metadata: z.looseObject({}).optional() }).parse(rest);
    const own = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    this.objects.set(path, { apiVersion: "v1", kind: "X", ...rest, metadata: { ...metadata, ...own } });
  }

  /** Changes what is there of an object beside its metadata. */
  change(path: string, rest: Record<string, unknown>): void {
    this.objects.set(path, { ...(this.objects.get(path) ?? assert.fail(path)), ...rest });
  }

  get hasNamespace(): boolean {
    return this.objects.has("/api/v1/namespaces/ns");
  }
}

interface Rig extends AsyncDisposable {
  readonly world: World;
  readonly kube: Kube;
  readonly notes: string[];
  readonly keeper: StageKeeper;
  readonly options: KeeperOptions;
}

async function rig(): Promise<Rig> {
  const world = new World();
  const server = await FaultyApiServer.start(world.handler);
  const kube = await server.connect();
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
  };
  const useNode = (): Promise<AsyncDisposable> => Promise.resolve(new AsyncDisposableStack());
  const keeper = new StageKeeper({ note, useNode });
  const options = { readyDeadlineMs: 3_000, removeDeadlineMs: 3_000, note };
  return { world, kube, notes, keeper, options, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("between two runs", () => {
  test("an application that is as it was staged stays for a run that wants the same (defect: staged anew, a minute for nothing)", async () => {
    await using it = await rig();
    const { keeper, kube, options, world } = it;
    keeper.expect(of("run-2"));
    {
      await using stage = await keeper.stage(kube, of("run-1"), options);
      assert.equal(stage.activeCluster, "app-1");
    }
    assert.ok(world.hasNamespace);
    keeper.expect(undefined);
    {
      await using stage = await keeper.stage(kube, of("run-2"), options);
      assert.deepEqual([stage.activeCluster, stage.url], ["app-1", "http://10.0.0.1"]);
    }
    assert.equal(world.staged, 1);
    // The last run takes it away, whoever had staged it.
    assert.ok(!world.hasNamespace);
  });

  test("a worker that was not Ready yet when the application had just been staged is no difference (defect: nothing is ever kept)", async () => {
    await using it = await rig();
    const { keeper, kube, options, world } = it;
    world.readyPods = false;
    keeper.expect(of("run-2"));
    {
      await using _ = await keeper.stage(kube, of("run-1"), options);
      world.change(POD, { status: { conditions: [ready("Ready")], containerStatuses: [{ restartCount: 0 }] } });
    }
    assert.ok(world.hasNamespace);
    await using stage = await keeper.stage(kube, of("run-2"), options);
    assert.equal(stage.activeCluster, "app-1");
  });

  const changes: Readonly<Record<string, (world: World) => void>> = {
    "another spec": (world) => {
      world.change(SERVICE, { spec: { serveConfigV2: "other" } });
    },
    "another RayCluster": (world) => {
      world.change(SERVICE, {
        status: { conditions: [ready("Ready")], activeServiceStatus: { rayClusterName: "app-9" } },
      });
    },
    "a RayCluster more": (world) => {
      world.put("/apis/ray.io/v1/namespaces/ns/rayclusters/app-9", {});
    },
    "a restarted container": (world) => {
      world.change(POD, { status: { conditions: [ready("Ready")], containerStatuses: [{ restartCount: 1 }] } });
    },
    "a replaced pod": (world) => {
      world.put(
        POD,
        { status: { conditions: [ready("Ready")], containerStatuses: [{ restartCount: 0 }] } },
        "uid-other",
      );
    },
    "a pod that is not Ready": (world) => {
      world.change(POD, { status: { conditions: [], containerStatuses: [{ restartCount: 0 }] } });
    },
    "a replaced pod of its gateway": (world) => {
      world.put(DATA_PLANE, { status: { conditions: [ready("Ready")] } }, "uid-other");
    },
    "another route": (world) => {
      world.change(`${GATEWAY_API}/namespaces/ns/httproutes/app-httproute`, { spec: { rules: [{}] } });
    },
    "a Job": (world) => {
      world.put("/apis/batch/v1/namespaces/ns/jobs/load", {});
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    test(`one with ${what} is removed, and staged anew (defect: a run that begins with what another one left)`, async () => {
      await using it = await rig();
      const { keeper, kube, options, world, notes } = it;
      keeper.expect(of("run-2"));
      {
        await using _ = await keeper.stage(kube, of("run-1"), options);
        change(world);
      }
      assert.ok(!world.hasNamespace, notes.join("\n"));
      assert.ok(notes.some((note) => note.startsWith("The application is staged anew for the next run: ")));
      await using stage = await keeper.stage(kube, of("run-2"), options);
      assert.equal(stage.activeCluster, "app-2");
    });
  }

  test("one that has changed while nobody looked is removed when the next run comes", async () => {
    await using it = await rig();
    const { keeper, kube, options, world, notes } = it;
    keeper.expect(of("run-2"));
    {
      await using _ = await keeper.stage(kube, of("run-1"), options);
    }
    world.change(SERVICE, { spec: {} });
    await using stage = await keeper.stage(kube, of("run-2"), options);
    assert.equal(stage.activeCluster, "app-2");
    assert.ok(notes.includes("Removed what run-1 had left on the cluster."));
  });

  test("a run that wants another application, or none that wants one, finds nothing", async () => {
    for (const next of [undefined, of("run-2", { serveIngress: "haproxy" })]) {
      await using it = await rig();
      it.keeper.expect(next);
      {
        await using _ = await it.keeper.stage(it.kube, of("run-1"), it.options);
      }
      assert.ok(!it.world.hasNamespace);
    }
  });

  test("an interrupted run leaves nothing (defect: Ctrl-C, and pods that go on)", async () => {
    await using it = await rig();
    const ended = new AbortController();
    it.keeper.expect(of("run-2"));
    {
      await using _ = await it.keeper.stage(it.kube, of("run-1"), { ...it.options, signal: ended.signal });
      ended.abort(new Error("Ctrl-C"));
    }
    assert.ok(!it.world.hasNamespace);
  });

  test("an application kept for a run that never came is removed with the keeper, but not another run's", async () => {
    for (const [owner, isLeft] of [
      ["run-1", false],
      ["run-7", true],
    ] as const) {
      await using it = await rig();
      it.keeper.expect(of("run-2"));
      {
        await using _ = await it.keeper.stage(it.kube, of("run-1"), it.options);
      }
      const labels = { "app.kubernetes.io/managed-by": "zerodrop", "zerodrop.dev/run": owner };
      it.world.put("/api/v1/namespaces/ns", { metadata: { labels } });
      await it.keeper[Symbol.asyncDispose]();
      assert.equal(it.world.hasNamespace, isLeft);
    }
  });

  test("--keep leaves the application where it is, and the next run removes it", async () => {
    await using it = await rig();
    it.keeper.expect(of("run-2"));
    {
      await using _ = await it.keeper.stage(it.kube, of("run-1"), { ...it.options, keep: true });
    }
    assert.ok(it.world.hasNamespace);
    await using stage = await it.keeper.stage(it.kube, of("run-2"), it.options);
    assert.equal(stage.activeCluster, "app-2");
  });

  test("what cannot be staged is the run's own error", async () => {
    await using it = await rig();
    it.world.objects.delete(`${GATEWAY_API}/gatewayclasses/zerodrop`);
    await assert.rejects(it.keeper.stage(it.kube, of("run-1"), it.options), SetUpError);
    assert.ok(!it.world.hasNamespace);
  });
});
