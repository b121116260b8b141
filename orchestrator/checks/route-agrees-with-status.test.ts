import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, NEW, OLD, planOf, steadyLoad } from "./testing.ts";

const finding = (story: ReturnType<typeof aggressiveUpgrade>) => findingOf("route-agrees-with-status", story.finish());
/** The first move of traffic, its route and its status at two seconds, and what follows. */
const firstMove = (routeAt: number, statusAt: number) =>
  steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|50,0", { stamp: 12 })
    .at(routeAt)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(statusAt)
    .status("100,75|50,25", { stamp: 34 })
    .at(50)
    .action("record-end");

test("a route that leads the status by a fraction of a second passes, with the longest lead", () => {
  const { verdict, figures } = finding(aggressiveUpgrade());
  assert.equal(verdict, "pass");
  assert.deepEqual([figures["longestLeadOfRouteMs"], figures["longestLeadOfStatusMs"]], [300, 0]);
});

test("a lead of more than two seconds fails, whoever leads", () => {
  assert.equal(finding(firstMove(34, 36)).verdict, "pass");
  const { verdict, message, violations } = finding(firstMove(34, 36.5));
  assert.equal(verdict, "fail");
  assert.match(message, /^Route and status disagreed for 2\.5 s, the route ahead; /);
  assert.equal(violations[0]?.facts["untilMs"], violations[0] === undefined ? 0 : violations[0].atMs + 2500);
  assert.match(finding(firstMove(36.5, 34)).message, /for 2\.5 s, the status ahead/);
});

test("a route that never follows is a disagreement until the record's end", () => {
  assert.match(
    finding(firstMove(99, 34).at(60).action("interrupted")).message,
    /disagreed for \d+\.0 s, the status ahead/,
  );
});

test("a status that was stamped in time is believed though told late, within bounds (defect: a slow machine's run is worth nothing, or any stamp will do)", () => {
  const stamped = (lastUpdateTime: string, told = 36.5) => {
    const story = firstMove(34, told).finish();
    const observations = story.observations.map((line) => {
      if (line.type !== "object" || line.kind !== "RayService" || line.monoMs !== told * 1000) return line;
      return { ...line, object: { ...line.object, status: { ...(line.object["status"] as object), lastUpdateTime } } };
    });
    return findingOf("route-agrees-with-status", { ...story, observations });
  };
  const { verdict, message } = stamped("2026-03-14T09:00:34Z");
  assert.equal(verdict, "pass");
  assert.match(message, /told 2\.5 s apart, but by its own stamp the status was written within 2\.0 s/);
  assert.equal(stamped("2026-03-14T09:00:34Z", 39.5).verdict, "invalid");
  assert.equal(stamped("2026-03-14T09:00:36Z").verdict, "fail");
  // A clock of which nobody knows anything.
  assert.equal(stamped("2026-03-14T09:00:50Z").verdict, "fail");
});

test("a route that comes back, or never does, is not excused by the stamp of the status that it left (defect: a route that somebody else writes for seconds)", () => {
  const left = () =>
    firstMove(34, 34.2)
      .at(34.9)
      .route({ [OLD]: 74, [NEW]: 26 });
  const backAt = (at: number) =>
    left()
      .at(at)
      .route({ [OLD]: 75, [NEW]: 25 });
  assert.equal(finding(backAt(36)).verdict, "pass");
  const { verdict, message } = finding(backAt(40));
  assert.equal(verdict, "fail");
  assert.match(message, /^Route and status disagreed for 5\.1 s, the route ahead; /);
  assert.match(finding(left()).message, /^Route and status disagreed for 15\.1 s, the route ahead; /);
});

test("weights that do not sum to 100 do so whenever they were told", () => {
  const story = aggressiveUpgrade()
    .at(37)
    .gap("HTTPRoute", "resumed", 36.5)
    .at(37.2)
    .route({ [OLD]: 50, [NEW]: 40 });
  assert.equal(finding(story.at(37.3).route({ [OLD]: 50, [NEW]: 50 })).verdict, "fail");
});

test("an HTTPRoute that is deleted gives nobody weight", () => {
  const story = aggressiveUpgrade()
    .at(37)
    .gone("HTTPRoute", "app-httproute")
    .at(41)
    .route({ [OLD]: 25, [NEW]: 75 });
  assert.equal(finding(story).verdict, "fail");
});

test("weights that do not sum to 100 fail, however short", () => {
  const story = aggressiveUpgrade()
    .at(34.1)
    .route({ [OLD]: 75, [NEW]: 20 })
    .at(34.2)
    .route({ [OLD]: 75, [NEW]: 25 });
  const { verdict, message } = finding(story);
  assert.equal(verdict, "fail");
  assert.equal(message, `The HTTPRoute's weights sum to 95: ${OLD}-serve-svc 75, ${NEW}-serve-svc 20.`);
});

test("weight for a service of neither side fails; weight 0 for one is nothing", () => {
  const story = (weight: number) =>
    aggressiveUpgrade()
      .at(50)
      .route({ [NEW]: 100 - weight, "app-third": weight });
  assert.equal(finding(story(10)).verdict, "fail");
  assert.equal(finding(story(0)).verdict, "pass");
});

test("how long a disagreement lasted cannot be told across a watch that started over", () => {
  assert.equal(finding(firstMove(34, 36.5).at(35).relisted("RayService", 34.5)).verdict, "invalid");
});

test("without the route there is nothing to compare, and without an upgrade nothing to conclude", () => {
  assert.equal(finding(steadyLoad(planOf())).verdict, "invalid");
});
