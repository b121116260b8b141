import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectSeen } from "./observation.ts";
import { PodsByCluster } from "./pods-by-cluster.ts";

const at = (second: number) => ({ wallMs: 1e12 + second * 1000, monoMs: second * 1000 });

/** A pod as it is seen, of a RayCluster or, with an empty name, of none. */
function seen(
  second: number,
  event: ObjectSeen["event"],
  name: string,
  cluster: string,
  more: { deletionTimestamp?: string; status?: unknown } = {},
): ObjectSeen {
  const { deletionTimestamp, status } = more;
  const labels = cluster === "" ? {} : { "ray.io/cluster": cluster };
  const object = { metadata: { labels, deletionTimestamp }, status };
  return { type: "object", ...at(second), kind: "Pod", event, name, uid: name, resourceVersion: "1", object };
}

function following(...lines: readonly ObjectSeen[]): PodsByCluster {
  const pods = new PodsByCluster();
  for (const line of lines) pods.observe(line);
  return pods;
}

test("a RayCluster is empty from its last pod's end on, until it has one again", () => {
  const pods = following(seen(1, "added", "one", "a"), seen(2, "added", "two", "a"), seen(3, "deleted", "one", "a"));
  assert.equal(pods.emptiedAt("a"), null);
  pods.observe(seen(4, "deleted", "two", "a"));
  assert.deepEqual(pods.emptiedAt("a"), at(4));
  pods.observe(seen(5, "added", "other", "b"));
  assert.deepEqual(pods.emptiedAt("a"), at(4));
  pods.observe(seen(6, "added", "three", "a"));
  assert.equal(pods.emptiedAt("a"), null);
});

test("what never had a pod never lost one, and nor did what is no RayCluster (defect: the end of a k6 pod reads as that of a RayCluster)", () => {
  const pods = following(seen(1, "added", "k6", ""), seen(2, "deleted", "k6", ""));
  assert.equal(pods.emptiedAt(""), null);
  assert.equal(pods.emptiedAt("a"), null);
});

test("why pods do not start is told of their own RayCluster, each reason once, and not of pods on their way out", () => {
  const unschedulable = (message: string) => ({
    status: { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] },
  });
  const pods = following(
    seen(1, "added", "one", "a", unschedulable("no CPU")),
    seen(2, "added", "two", "a", unschedulable("no CPU")),
    seen(3, "added", "three", "a", unschedulable("no memory")),
    seen(4, "added", "four", "a"),
    seen(5, "added", "five", "b", unschedulable("no GPU")),
    seen(6, "added", "six", "a", { deletionTimestamp: "2026-03-14T09:00:00Z", ...unschedulable("no disk") }),
  );
  assert.deepEqual(pods.stuckOf("a"), [
    "a pod of a does not start: Unschedulable: no CPU",
    "a pod of a does not start: Unschedulable: no memory",
  ]);
  assert.deepEqual(pods.stuckOf("b"), ["a pod of b does not start: Unschedulable: no GPU"]);
  assert.deepEqual(pods.stuckOf("c"), []);
});
