import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, NEW, OLD, planOf, START_MS, steadyLoad, StoryWriter } from "../../checks/testing.ts";
import type { ClusterCourse, Steps } from "./course.ts";
import { courseOf } from "./testing/course-of.ts";

/** Steps in seconds since the story began. */
function inSeconds(steps: Steps | undefined): [number, number | null][] {
  return (steps ?? []).map(([ms, value]) => [(ms - START_MS) / 1000, value]);
}

function clustersOf(story: StoryWriter): Map<string, ClusterCourse> {
  return new Map(courseOf(story.finish()).clusters.map((cluster) => [cluster.cluster, cluster]));
}

/** A pod of a RayCluster, Ready or not, being deleted or not. */
function pod(story: StoryWriter, name: string, ready: "True" | "False", deletionTimestamp?: string): StoryWriter {
  return story.object("Pod", name, {
    metadata: { labels: { "ray.io/cluster": NEW }, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready }] },
  });
}

test("capacity and traffic go with the RayCluster, not with the side (defect: after the promotion the new one reads 0)", () => {
  const clusters = clustersOf(aggressiveUpgrade());
  assert.deepEqual(inSeconds(clusters.get(OLD)?.targetCapacity), [
    [0, 100],
    [38.5, 50],
    [45.9, null],
  ]);
  assert.deepEqual(inSeconds(clusters.get(NEW)?.targetCapacity), [
    [10.5, 0],
    [32, 50],
    [41.2, 100],
  ]);
  assert.deepEqual(inSeconds(clusters.get(OLD)?.trafficRoutedPercent), [
    [0, 100],
    [34.3, 75],
    [36.3, 50],
    [41.2, 25],
    [43.6, 0],
    [45.9, null],
  ]);
  assert.deepEqual(inSeconds(clusters.get(NEW)?.trafficRoutedPercent).at(-1), [43.6, 100]);
});

test("a side that the status names without numbers has 0, as its operator means (defect: a new side that begins seconds late)", () => {
  const story = steadyLoad(planOf()).at(11);
  story.object("RayService", "app", {
    metadata: {},
    status: {
      activeServiceStatus: { rayClusterName: OLD, targetCapacity: 100, trafficRoutedPercent: 100 },
      pendingServiceStatus: { rayClusterName: NEW },
    },
  });
  const course = clustersOf(story).get(NEW);
  assert.deepEqual([course?.targetCapacity, course?.trafficRoutedPercent].map(inSeconds), [[[11, 0]], [[11, 0]]]);
});

test("weights are the route's, and a RayCluster it does not name has none (defect: the status drawn as the route)", () => {
  const clusters = clustersOf(aggressiveUpgrade());
  assert.deepEqual(inSeconds(clusters.get(NEW)?.weight), [
    [34, 25],
    [36.2, 50],
    [41, 75],
    [43.4, 100],
  ]);
  assert.deepEqual(inSeconds(clusters.get(OLD)?.weight).slice(-2), [
    [43.4, 0],
    [46.8, null],
  ]);
});

test("weights that do not add up to 100 are told in percent of their sum (defect: a line above 100 %)", () => {
  const weight = clustersOf(
    steadyLoad(planOf())
      .at(11)
      .status("100,100|0,0")
      .route({ [OLD]: 2, [NEW]: 1 }),
  ).get(NEW)?.weight;
  assert.deepEqual(inSeconds(weight), [[11, 33.33]]);
});

test("old and new have their roles and the version they were created for, in the order in which they appeared", () => {
  const clusters = [...clustersOf(aggressiveUpgrade().at(50).rayCluster("app-third")).values()];
  assert.deepEqual(
    clusters.map(({ cluster, role, version }) => [cluster, role, version]),
    [
      [OLD, "old", "v1"],
      [NEW, "new", "v2"],
      ["app-third", "other", "v2"],
    ],
  );
});

test("before any trigger the one that serves is the old one (defect: a killed run without an old cluster)", () => {
  const story = new StoryWriter(planOf()).at(0).action("record-start").status("100,100|-");
  assert.deepEqual(
    [...clustersOf(story).values()].map(({ cluster, role, version }) => [cluster, role, version]),
    [[OLD, "old", "v1"]],
  );
});

test("pods and endpoints that are gone read 0 (defect: a deleted RayCluster whose pods are ready for ever)", () => {
  const clusters = clustersOf(aggressiveUpgrade());
  assert.deepEqual(inSeconds(clusters.get(OLD)?.pods), [
    [0, 2],
    [60, 1],
    [76, 0],
  ]);
  assert.deepEqual(inSeconds(clusters.get(OLD)?.readyEndpoints), [
    [0, 2],
    [48, 0],
  ]);
});

test("a pod is ready by its condition, and not while it is being deleted (defect: phase Running read as ready)", () => {
  const story = steadyLoad(planOf()).at(11).status("100,100|0,0");
  pod(story.at(12), "new-head", "False");
  pod(story.at(13), "new-head", "True");
  pod(story.at(14), "new-head", "True", "2026-03-14T09:00:14Z");
  story.at(15).gone("Pod", "new-head");
  const course = clustersOf(story).get(NEW);
  assert.deepEqual(inSeconds(course?.readyPods), [
    [12, 0],
    [13, 1],
    [14, 0],
  ]);
  assert.deepEqual(inSeconds(course?.pods), [
    [12, 1],
    [15, 0],
  ]);
});

test("a relist makes no dip, and takes away what it does not name (defect: 0 pods while the list is told again)", () => {
  const story = steadyLoad(planOf()).at(20).relisted("Pod", 19).pod(OLD, "old-head").synced("Pod");
  assert.deepEqual(inSeconds(clustersOf(story).get(OLD)?.pods), [
    [0, 2],
    [20, 1],
  ]);
});

test("a RayService that is deleted names nobody any more (defect: capacity that outlives its RayService)", () => {
  const capacity = clustersOf(steadyLoad(planOf()).at(20).gone("RayService", "app")).get(OLD)?.targetCapacity;
  assert.deepEqual(inSeconds(capacity), [
    [0, 100],
    [20, null],
  ]);
});

test("other RayServices, routes and RayClusters of the namespace are left out (defect: a neighbour's cluster in the chart)", () => {
  const story = aggressiveUpgrade()
    .at(20)
    .object("RayCluster", "other-1", { metadata: { labels: {} } })
    .object("RayService", "other", {
      status: { activeServiceStatus: { rayClusterName: "other-2", targetCapacity: 7 } },
    })
    .object("HTTPRoute", "other-httproute", {
      spec: { rules: [{ backendRefs: [{ name: `${OLD}-serve-svc`, weight: 3 }] }] },
    });
  const clusters = clustersOf(story);
  assert.deepEqual([...clusters.keys()], [OLD, NEW]);
  assert.deepEqual(inSeconds(clusters.get(OLD)?.weight)[0], [0, 100]);
});
