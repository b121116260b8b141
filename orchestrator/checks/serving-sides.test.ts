import assert from "node:assert/strict";
import { test } from "node:test";
import { serveServiceOf } from "../history/httproute.ts";
import type { Observation } from "../history/observation.ts";
import { ServingSides, type UnreadyWindow } from "./serving-sides.ts";
import { NEW, OLD, planOf, START_MS, StoryWriter } from "./testing.ts";

const ms = (second: number): number => START_MS + second * 1000;
const NEW_SERVICE = serveServiceOf(NEW);

/** The lines in order of time, as they would have been recorded. */
function seen({ observations }: Pick<StoryWriter, "observations">): ServingSides {
  return seenIn(observations.toSorted((a, b) => a.monoMs - b.monoMs));
}
function seenIn(observations: readonly Observation[]): ServingSides {
  const sides = new ServingSides("app");
  for (const line of observations) sides.observe(line);
  return sides;
}

/** The old side serves with all of the weight, and both watches are complete. */
const serving = (): StoryWriter =>
  new StoryWriter(planOf())
    .at(0)
    .endpoints(OLD, 1)
    .route({ [OLD]: 100 })
    .synced("HTTPRoute", "EndpointSlice");
/** The new side has an endpoint from second 20 on and a quarter of the weight from second 30 on. */
const shared = (): StoryWriter =>
  serving()
    .at(20)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });

/** A window of the new side, which has a quarter of the weight from second 30 on. */
const window = (
  cause: UnreadyWindow["cause"],
  from: number,
  to: number | null,
  more: Partial<UnreadyWindow> = {},
): UnreadyWindow => ({
  cause,
  service: NEW_SERVICE,
  weight: 25,
  weightSinceMs: ms(30),
  fromMs: ms(from),
  toMs: to === null ? null : ms(to),
  beforeFirstEndpoint: false,
  updating: false,
  ...more,
});

test("sides with weight and endpoints have no window, nor has one without weight", () => {
  const story = shared()
    .at(40)
    .endpoints(NEW, 2)
    .at(50)
    .route({ [NEW]: 100 })
    .at(51)
    .gone("EndpointSlice", `${OLD}-slice`);
  assert.deepEqual(seen(story).windows(), []);
  assert.deepEqual(seen(serving().at(20).endpoints(NEW, 0)).windows(), []);
});

test("weight without a ready endpoint is a window from the weight to the endpoint, or while it lasts", () => {
  const early = () =>
    serving()
      .at(30)
      .route({ [OLD]: 75, [NEW]: 25 });
  const first = { beforeFirstEndpoint: true };
  assert.deepEqual(seen(early()).windows(), [window("weight-without-endpoint", 30, null, first)]);
  // Not by another side's change.
  assert.deepEqual(seen(early().at(31).endpoints(OLD, 2)).windows(), [
    window("weight-without-endpoint", 30, null, first),
  ]);
  assert.deepEqual(seen(early().at(32).endpoints(NEW, 1)).windows(), [
    window("weight-without-endpoint", 30, 32, first),
  ]);
  // It ends with the weight too, and with the route.
  assert.deepEqual(
    seen(
      early()
        .at(33)
        .route({ [OLD]: 100 }),
    ).windows(),
    [window("weight-without-endpoint", 30, 33, first)],
  );
  assert.deepEqual(seen(early().at(34).gone("HTTPRoute", "app-httproute")).windows(), [
    window("weight-without-endpoint", 30, 34, first),
  ]);
});

test("an endpoint that never was ready is none", () => {
  const story = serving()
    .at(20)
    .endpoints(NEW, 0)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });
  assert.deepEqual(seen(story.at(31).endpoints(NEW, 1)).windows(), [
    window("weight-without-endpoint", 30, 31, { beforeFirstEndpoint: true }),
  ]);
});

test("endpoints that go are a window with the weight of then, held since the side first had any", () => {
  const story = shared()
    .at(34)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(40)
    .endpoints(NEW, 0)
    .at(41)
    .endpoints(NEW, 1);
  assert.deepEqual(seen(story).windows(), [window("weight-without-endpoint", 40, 41, { weight: 50 })]);
});

test("windows that are over stand before those that last", () => {
  const story = serving()
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(31)
    .endpoints(OLD, 0)
    .at(32)
    .endpoints(NEW, 1);
  const old = { service: serveServiceOf(OLD), weight: 75, weightSinceMs: ms(0) };
  assert.deepEqual(seen(story).windows(), [
    window("weight-without-endpoint", 30, 32, { beforeFirstEndpoint: true }),
    window("weight-without-endpoint", 31, null, old),
  ]);
});

test("slices of a service are one side", () => {
  const other = (ready: boolean) => ({
    metadata: { labels: { "kubernetes.io/service-name": NEW_SERVICE } },
    endpoints: [{ addresses: ["10.0.1.1"], conditions: { ready } }],
  });
  const story = shared().at(31).object("EndpointSlice", "more", other(true)).at(32).endpoints(NEW, 0);
  assert.deepEqual(seen(story).windows(), []);
  assert.deepEqual(seen(story.at(33).object("EndpointSlice", "more", other(false))).windows(), [
    window("weight-without-endpoint", 33, null),
  ]);
});

test("an endpoint that was written before the weight and told after it was there (defect: a window of the watch's making)", () => {
  const late = () =>
    serving()
      .at(31)
      .endpoints(NEW, 1)
      .at(30)
      .route({ [OLD]: 75, [NEW]: 25 });
  assert.deepEqual(seen(late()).windows(), []);
  // Versions that cannot be compared excuse nothing.
  const incomparable = late().observations.map((line) =>
    line.type === "object" && line.kind === "HTTPRoute" ? { ...line, resourceVersion: "abc" } : line,
  );
  assert.deepEqual(seen({ observations: incomparable }).windows(), [
    window("weight-without-endpoint", 30, 31, { beforeFirstEndpoint: true }),
  ]);
});

test("late word of endpoints excuses no window that began with the loss of one", () => {
  const story = serving()
    .at(20)
    .endpoints(NEW, 1)
    .at(40)
    .endpoints(NEW, 0)
    .at(41)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });
  assert.deepEqual(seen(story).windows(), [window("weight-without-endpoint", 40, 41)]);
});

test("weight that the first list told of was written nobody knows when, so that no endpoint can be shown to be older", () => {
  const story = new StoryWriter(planOf())
    .at(20)
    .route({ [OLD]: 75, [NEW]: 25 })
    .endpoints(OLD, 1)
    .at(30)
    .synced("HTTPRoute", "EndpointSlice")
    .at(31)
    .endpoints(NEW, 1);
  const observations = story.observations.map((line) =>
    line.type === "synced" ? { ...line, resourceVersion: "100" } : line,
  );
  assert.deepEqual(seenIn(observations).windows(), [
    window("weight-without-endpoint", 30, 31, { beforeFirstEndpoint: true }),
  ]);
});

test("nothing is judged before both watches are complete and the route has weights", () => {
  const route = { [OLD]: 75, [NEW]: 25 };
  const story = () => new StoryWriter(planOf()).at(1).endpoints(OLD, 1).route(route);
  const judgedIn = (one: StoryWriter): [judged: boolean, windows: number] => {
    const sides = seen(one);
    return [sides.judged, sides.windows().length];
  };
  assert.deepEqual(judgedIn(story()), [false, 0]);
  assert.deepEqual(
    judgedIn(
      story()
        .synced("HTTPRoute", "Pod")
        .at(2)
        .route({ [NEW]: 100 }),
    ),
    [false, 0],
  );
  assert.deepEqual(judgedIn(story().synced("EndpointSlice", "Pod").at(2).endpoints(OLD, 2)), [false, 0]);
  assert.deepEqual(judgedIn(story().synced("EndpointSlice", "HTTPRoute")), [true, 1]);
  const without = new StoryWriter(planOf()).at(1).endpoints(OLD, 1).synced("EndpointSlice", "HTTPRoute");
  assert.deepEqual(judgedIn(without), [false, 0]);
  assert.deepEqual(judgedIn(without.at(2).route({})), [false, 0]);
  // Once it had some, it was judged.
  assert.deepEqual(judgedIn(serving().at(50).gone("HTTPRoute", "app-httproute")), [true, 0]);
});

test("another HTTPRoute gives no weight", () => {
  const backendRefs = [{ name: NEW_SERVICE, weight: 100 }];
  const other = { metadata: {}, spec: { rules: [{ backendRefs }] } };
  const sides = seen(serving().at(30).object("HTTPRoute", "another", other));
  assert.deepEqual([sides.windows(), sides.weightLog().length], [[], 1]);
});

test("slices that a list after an interruption no longer names are gone when it is complete", () => {
  const story = shared().at(35).relisted("EndpointSlice", 34).endpoints(OLD, 1).at(36).synced("EndpointSlice");
  assert.deepEqual(seen(story).windows(), [window("weight-without-endpoint", 36, null)]);
});

test("a window ends too when a list after an interruption no longer names the route", () => {
  const story = serving()
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(35)
    .relisted("HTTPRoute", 34)
    .at(36)
    .synced("HTTPRoute");
  assert.deepEqual(seen(story).windows(), [window("weight-without-endpoint", 30, 36, { beforeFirstEndpoint: true })]);
});

test("each change of a weight is kept with what was behind it", () => {
  const story = serving()
    .at(20)
    .endpoints(NEW, 2)
    .at(25)
    .poll(NEW, 3)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(31)
    .endpoints(NEW, 1)
    .at(40)
    .route({ [OLD]: 75, [NEW]: 0 });
  const old = { service: serveServiceOf(OLD), readyEndpoints: 1, runningReplicas: null };
  assert.deepEqual(seen(story).weightLog(), [
    { ...old, atMs: ms(0), weight: 100 },
    { ...old, atMs: ms(30), weight: 75 },
    { atMs: ms(30), service: NEW_SERVICE, weight: 25, readyEndpoints: 2, runningReplicas: 3 },
    { atMs: ms(40), service: NEW_SERVICE, weight: 0, readyEndpoints: 1, runningReplicas: 3 },
  ]);
});

test("the first 1,000 changes of weights are kept", () => {
  const story = serving();
  for (let change = 0; change < 1000; change += 1) story.at(1 + change).route({ [OLD]: 50 + (change % 2) });
  const log = seen(story).weightLog();
  assert.deepEqual([log.length, log.at(-1)?.weight], [1000, 50]);
});

test("a side whose replicas do not run has a window from the first report of it to the last", () => {
  const reports = shared().at(31).poll(NEW, 1).at(32).poll(NEW, 0).at(33).poll(NEW, 0);
  assert.deepEqual(seen(reports).windows(), [window("weight-without-replica", 32, 33)]);
  // What happens to its endpoints in between does not part it.
  reports.at(32.5).endpoints(NEW, 2);
  assert.deepEqual(seen(reports).windows(), [window("weight-without-replica", 32, 33)]);
  // A replica that runs ends it, and the next report of none begins another.
  reports.at(34).poll(NEW, 1).at(35).poll(NEW, 0);
  assert.deepEqual(seen(reports).windows(), [
    window("weight-without-replica", 32, 33),
    window("weight-without-replica", 35, 35),
  ]);
});

test("a side without an endpoint and without a replica has both windows", () => {
  const story = serving()
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(31)
    .poll(NEW, 0)
    .at(32)
    .poll(NEW, 0);
  const first = { beforeFirstEndpoint: true };
  assert.deepEqual(seen(story).windows(), [
    window("weight-without-endpoint", 30, null, first),
    window("weight-without-replica", 32, 32, first),
  ]);
});

test("a report that may be older than the weight says nothing", () => {
  // An answer is no older than the arrival of the one before.
  assert.deepEqual(seen(shared().at(33).poll(NEW, 0)).windows(), []);
  assert.deepEqual(seen(shared().at(29.999).poll(NEW, 1).at(33).poll(NEW, 0)).windows(), []);
  assert.deepEqual(seen(shared().at(30).poll(NEW, 1).at(33).poll(NEW, 0)).windows(), [
    window("weight-without-replica", 33, 33),
  ]);
  // One that could not be read, or was none, has come all the same.
  for (const change of [{ ok: false }, { data: "no JSON" }]) {
    const { observations } = shared().at(31).poll(NEW, 1);
    const unread = observations.map((line) => (line.type === "poll" ? { ...line, ...change } : line));
    const later = shared().at(33).poll(NEW, 0).observations.slice(-1);
    assert.deepEqual(seenIn([...unread, ...later]).windows(), [window("weight-without-replica", 33, 33)]);
  }
});

test("a side without weight needs no replica, and gets its next window by its next weight", () => {
  const story = serving().at(20).endpoints(NEW, 1).at(21).poll(NEW, 0).at(22).poll(NEW, 0);
  assert.deepEqual(seen(story).windows(), []);
  const again = shared()
    .at(31)
    .poll(NEW, 0)
    .at(32)
    .poll(NEW, 0)
    .at(34)
    .route({ [OLD]: 100, [NEW]: 0 })
    .at(36)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(36)
    .poll(NEW, 0)
    .at(38)
    .poll(NEW, 0);
  assert.deepEqual(seen(again).windows(), [
    window("weight-without-replica", 32, 32),
    window("weight-without-replica", 38, 38, { weightSinceMs: ms(36) }),
  ]);
});

test("reports of replicas that take up another config are a window of their own", () => {
  const story = shared()
    .at(31)
    .poll(NEW, 1)
    .at(32)
    .poll(NEW, 0, "UPDATING")
    .at(33)
    .poll(NEW, 0, "UPDATING")
    .at(34)
    .poll(NEW, 0, "STARTING")
    .at(35)
    .poll(NEW, 0, "UPDATING");
  assert.deepEqual(seen(story).windows(), [
    window("weight-without-replica", 32, 33, { updating: true }),
    window("weight-without-replica", 34, 34),
    window("weight-without-replica", 35, 35, { updating: true }),
  ]);
});

test("only readable reports of Serve count", () => {
  const { observations } = shared().at(31).poll(NEW, 1).at(32).poll(OLD, 1);
  assert.equal(seenIn(observations).polls, 2);
  const changes: Partial<Extract<Observation, { type: "poll" }>>[] = [
    { ok: false },
    { data: { applications: "none" } },
    { poll: "platform-pods" },
  ];
  for (const change of changes) {
    const changed = observations.map((line) => (line.type === "poll" ? { ...line, ...change } : line));
    assert.equal(seenIn(changed).polls, 0, JSON.stringify(change));
  }
});

test("pods are known by the RayCluster whose label they carry", () => {
  const labels = { "ray.io/cluster": NEW };
  const story = new StoryWriter(planOf())
    .at(1)
    .pod(OLD, "old-head")
    .pod(NEW, "new-head")
    .object("Pod", "stray", { metadata: { labels: {} } })
    .object("Pod", "unreadable", { metadata: 1 })
    .object("Job", "job", { metadata: { labels } });
  assert.deepEqual(
    [...seen(story).clusterOfPod],
    [
      ["uid-1", OLD],
      ["uid-2", NEW],
    ],
  );
});
