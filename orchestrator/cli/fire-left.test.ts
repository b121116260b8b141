import assert from "node:assert/strict";
import { test } from "node:test";
import type { KindRef, KubeObject, Selector } from "../kube/kube.ts";
import { leftOnCluster } from "./fire-left.ts";

type Fake = KubeObject & { readonly kind: string };
const made = (
  kind: string,
  name: string,
  at: string,
  more: Partial<KubeObject["metadata"]> = {},
  rest: object = {},
): Fake => ({
  apiVersion: "v1",
  kind,
  metadata: { name, creationTimestamp: `2026-03-14T10:00:${at}Z`, ...more },
  ...rest,
});
const ENVOY = "gateway.envoyproxy.io/owning-gateway-namespace";
const whole = { spec: { replicas: 1 }, status: { readyReplicas: 1 } };

/** A cluster with these objects, which selects by label as the API server does. */
function cluster(objects: readonly Fake[]) {
  return {
    list: ({ kind }: KindRef, { labelSelector = "" }: Selector = {}): Promise<KubeObject[]> => {
      const [, key = "", values = ""] = /^(\S+?)(?: in \(|=)([^)]*)\)?$/.exec(labelSelector) ?? [];
      const selected = (labels: Record<string, string> = {}): boolean =>
        key === "" || values.split(",").includes(labels[key] ?? "-");
      return Promise.resolve(objects.filter((one) => one.kind === kind && selected(one.metadata.labels)));
    },
    get: ({ kind, name }: { kind: string; name: string }): Promise<KubeObject | undefined> =>
      Promise.resolve(objects.find((one) => one.kind === kind && one.metadata.name === name)),
  };
}

const label = (run: string) => ({ labels: { "zerodrop.dev/run": run } });
const next = [
  made("Namespace", "app", "30", label("new")),
  made("Job", "load", "40", { namespace: "app", ...label("new") }),
  made("Pod", "envoy", "41", { namespace: "gw", labels: { [ENVOY]: "app" } }),
  made("Deployment", "operator", "01", { namespace: "op" }, whole),
  made("Deployment", "redis", "41", { namespace: "app" }, { spec: { replicas: 1 } }),
];
const leftIn = async (objects: readonly Fake[]): Promise<Record<string, readonly string[]>> =>
  Object.fromEntries(await leftOnCluster(cluster(objects), { runIds: ["old", "older"], namespace: "app" }));

test("what the next run has made is not what is left of others", async () => {
  assert.deepEqual(await leftIn(next), {});
});

test("what carries the label of a run that is over is its own, in whatever namespace (defect: a Job that loads the next run's application)", async () => {
  const left = [
    made("Job", "load", "10", { namespace: "app", ...label("old") }),
    made("Namespace", "other", "11", label("older")),
  ];
  assert.deepEqual(await leftIn([...next, ...left]), { old: ["Job app/load"], older: ["Namespace other"] });
});

test("an Envoy that is older than the application's namespace is left over (defect: taken for the next run's)", async () => {
  const old = made("Pod", "envoy-old", "20", { namespace: "gw", labels: { [ENVOY]: "app" } });
  assert.deepEqual(await leftIn([...next, old]), { "": ["Pod gw/envoy-old"] });
  assert.deepEqual(await leftIn([old]), { "": ["Pod gw/envoy-old"] }, "its namespace is gone");
});

test("a Deployment of the platform that is not whole, or bears the mark of a fault, is left broken", async () => {
  const broken = [
    made("Deployment", "gateway", "01", { namespace: "gw" }, { spec: { replicas: 1 }, status: {} }),
    made(
      "Deployment",
      "faulted",
      "01",
      { namespace: "gw", annotations: { "zerodrop.dev/replicas-before": "1" } },
      whole,
    ),
  ];
  assert.deepEqual(await leftIn([...next, ...broken]), {
    "": ["Deployment gw/gateway with 0 of 1 replicas ready", "Deployment gw/faulted with zerodrop.dev/replicas-before"],
  });
});
