import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, NEW, OLD, planOf, START_MS, steadyLoad } from "./testing.ts";

const finding = (story: ReturnType<typeof aggressiveUpgrade>) => findingOf("traffic-only-to-ready", story.finish());
const pendingStarted = () => steadyLoad(planOf()).at(11).status("100,100|0,0", { stamp: 11 }).pod(NEW, "new-head");
const ended = (story: ReturnType<typeof aggressiveUpgrade>) => story.at(60).action("stop-load").action("record-end");

test("a real upgrade passes; the old side's endpoints may vanish after its weight did", () => {
  const { verdict, message } = finding(aggressiveUpgrade());
  assert.equal(verdict, "pass");
  assert.equal(message, "Every side that had weight had a ready endpoint and a running replica.");
});

test("weight before the first ready endpoint fails and carries its window", () => {
  const story = pendingStarted()
    .at(30)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(31.3)
    .endpoints(NEW, 1);
  const { verdict, message, violations } = finding(ended(story));
  assert.equal(verdict, "fail");
  assert.equal(message, `${NEW} had weight 100 for 1.3 s without a ready endpoint.`);
  const [violation] = violations;
  assert.equal(violation?.atMs, START_MS + 30_000);
  assert.deepEqual(
    [violation.cause, violation.facts["side"], violation.facts["beforeFirstEndpoint"], violation.facts["durationMs"]],
    ["weight-without-endpoint", "arriving", true, 1300],
  );
});

test("endpoints that were written before the weight and told after it were there", () => {
  const story = pendingStarted()
    .at(31.3)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 0, [NEW]: 100 });
  assert.equal(finding(ended(story)).verdict, "pass");
});

test("a side that loses its endpoints while it has weight fails, and not as before its first endpoint", () => {
  const story = pendingStarted()
    .at(20)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });
  const { verdict, violations } = finding(ended(story.at(40).endpoints(NEW, 0).at(45).endpoints(NEW, 1)));
  assert.equal(verdict, "fail");
  assert.equal(violations[0]?.facts["beforeFirstEndpoint"], false);
});

test("a slice deleted while its side has weight fails", () => {
  const story = pendingStarted()
    .at(20)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });
  assert.equal(finding(ended(story.at(40).gone("EndpointSlice", `${OLD}-slice`))).verdict, "fail");
});

test("weight 0 needs no endpoint", () => {
  assert.equal(
    finding(
      ended(
        pendingStarted()
          .at(30)
          .route({ [OLD]: 100, [NEW]: 0 }),
      ),
    ).verdict,
    "pass",
  );
});

test("two watches that disagree for 80 ms prove nothing", () => {
  const story = pendingStarted()
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(30.08)
    .endpoints(NEW, 1);
  const { verdict, figures } = finding(ended(story));
  assert.deepEqual([verdict, figures["tooShortToProve"]], ["pass", 1]);
});

test("a replica that takes up another serve config unasked fails, and is told from none at all", () => {
  // Would catch: what an operator's restart does to the old side not told from a side that cannot serve.
  const story = (state: string) => {
    const shifted = pendingStarted()
      .at(20)
      .endpoints(NEW, 1)
      .at(30)
      .route({ [OLD]: 75, [NEW]: 25 });
    return ended(shifted.at(31).poll(NEW, 1).at(32).poll(NEW, 0, state).at(33).poll(NEW, 1));
  };
  const facts = (state: string) =>
    finding(story(state)).violations.map(({ cause, facts: { updating } }) => [cause, updating]);
  assert.deepEqual(facts("UPDATING"), [["weight-without-replica", true]]);
  assert.deepEqual(facts("STARTING"), [["weight-without-replica", undefined]]);
});

test("a ready endpoint without a running replica behind it fails, by Serve's own report", () => {
  const story = pendingStarted()
    .at(20)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });
  const { verdict, message } = finding(
    ended(story.at(31).poll(NEW, 1).at(32).poll(NEW, 0).at(33).poll(NEW, 0).at(34).poll(NEW, 1)),
  );
  assert.equal(verdict, "fail");
  assert.match(message, /had weight 25 for 1\.0 s without a running replica\.$/);
});

test("a report that may be older than the weight says nothing", () => {
  const story = pendingStarted()
    .at(20)
    .endpoints(NEW, 1)
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 });
  assert.equal(finding(ended(story.at(33).poll(NEW, 0).at(34).poll(NEW, 1))).verdict, "pass");
});

test("what is torn down after the load ended is not judged", () => {
  const story = ended(pendingStarted()).at(61).gone("EndpointSlice", `${OLD}-slice`).at(65).action("interrupted");
  assert.equal(finding(story).verdict, "pass");
});

test("what was so before the steady window is not judged", () => {
  const story = ended(pendingStarted());
  const early = steadyLoad(planOf())
    .at(0.5)
    .poll(OLD, 0)
    .at(1.5)
    .poll(OLD, 0)
    .at(1.8)
    .poll(OLD, 1)
    .observations.slice(-3);
  const loadStart = story.observations.findIndex((line) => line.type === "action" && line.action === "load-start");
  story.observations.splice(loadStart, 0, ...early);
  assert.equal(finding(story).verdict, "pass");
});

test("an object that a relist no longer names is gone", () => {
  const story = pendingStarted().at(30).relisted("EndpointSlice", 29).synced("EndpointSlice");
  assert.equal(finding(ended(story)).verdict, "fail");
});

test("a status change of the HTTPRoute, which carries no spec, leaves its weights", () => {
  const story = pendingStarted()
    .at(20)
    .endpoints(NEW, 1)
    .at(30)
    .object("HTTPRoute", "app-httproute", { metadata: {}, status: {} });
  assert.equal(finding(ended(story.at(31).endpoints(OLD, 0))).verdict, "fail");
});

test("without the route there is nothing to judge", () => {
  const story = aggressiveUpgrade().finish();
  const observations = story.observations.filter((line) => !("kind" in line) || line.kind !== "HTTPRoute");
  assert.equal(findingOf("traffic-only-to-ready", { ...story, observations }).verdict, "invalid");
});
