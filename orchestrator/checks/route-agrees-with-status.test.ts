import assert from "node:assert/strict";
import { test } from "node:test";
import { inPlace, steady } from "./testing/staying-stories.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  withObservations,
  type Story,
} from "./testing.ts";

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

const ms = (second: number): number => START_MS + second * 1000;
const services = (old: number, fresh: number) => ({ [`${OLD}-serve-svc`]: old, [`${NEW}-serve-svc`]: fresh });
const saidOf = (story: Story): [verdict: string, message: string] => {
  const { verdict, message } = findingOf("route-agrees-with-status", story);
  return [verdict, message];
};
const agreedFor = (text: string): [verdict: string, message: string] => [
  "pass",
  `Route and status agreed; for at most ${text} one was ahead of the other.`,
];
const disagreedFor = (text: string, leader: string, weights = `${OLD}-serve-svc 75, ${NEW}-serve-svc 25`) => [
  "fail",
  `Route and status disagreed for ${text}, the ${leader} ahead; the route at its end: ${weights}.`,
];

test("a pass says the longest lead of either, and how often they were compared", () => {
  const upgrade = findingOf("route-agrees-with-status", aggressiveUpgrade().finish());
  assert.deepEqual([upgrade.verdict, upgrade.message], agreedFor("0.3 s"));
  assert.deepEqual(upgrade.figures, {
    // The first route, the pending side, four moves of both, the promotion, and the route after it.
    changes: 12,
    longestLeadOfRouteMs: 300,
    longestLeadOfStatusMs: 0,
    boundMs: 2000,
  });
  const behind = findingOf("route-agrees-with-status", firstMove(35.5, 34).finish());
  assert.deepEqual([behind.verdict, behind.message], agreedFor("1.5 s"));
  assert.deepEqual([behind.figures["longestLeadOfRouteMs"], behind.figures["longestLeadOfStatusMs"]], [0, 1500]);
});

test("a disagreement that lasts too long is told with its leader, its times and the route at its end", () => {
  const { message, violations, figures } = finding(firstMove(34, 36.5));
  assert.deepEqual(["fail", message], disagreedFor("2.5 s", "route"));
  assert.deepEqual(violations, [
    {
      atMs: ms(34),
      cause: "disagreed",
      facts: { leader: "route", lastedMs: 2500, untilMs: ms(36.5), weights: services(75, 25) },
    },
  ]);
  assert.deepEqual(figures, {
    changes: 4,
    longestLeadOfRouteMs: 2500,
    longestLeadOfStatusMs: 0,
    boundMs: 2000,
    violations: 1,
  });
});

test("two seconds are allowed, to the millisecond", () => {
  assert.deepEqual(saidOf(firstMove(34, 36).finish()), agreedFor("2.0 s"));
  assert.deepEqual(saidOf(firstMove(34, 36.001).finish()), disagreedFor("2.0 s", "route"));
});

test("a disagreement begins with the first change that made it, whatever changes under way", () => {
  // Would catch: an operator that writes the route again and again and never the status.
  const story = () =>
    steadyLoad(planOf())
      .at(11)
      .status("100,100|0,0")
      .at(30)
      .status("100,100|50,0", { stamp: 12 })
      .at(34)
      .route({ [OLD]: 90, [NEW]: 10 })
      .at(35.5)
      .route({ [OLD]: 75, [NEW]: 25 })
      .at(36.5)
      .status("100,75|50,25", { stamp: 34 })
      .at(50)
      .action("record-end");
  assert.deepEqual(saidOf(story().finish()), disagreedFor("2.5 s", "route"));
  assert.deepEqual(
    saidOf(story().at(34.5).status("100,60|50,40", { stamp: 34 }).finish()),
    disagreedFor("2.5 s", "route"),
  );
});

/** The stories' lines with a time at which the status of a second says that it was written. */
const stampedAt = (story: Story, second: number, writtenSecond: number): Story =>
  withObservations(story, (line) => {
    if (line.type !== "object" || line.kind !== "RayService" || line.monoMs !== second * 1000) return line;
    const lastUpdateTime = new Date(ms(writtenSecond)).toISOString();
    return { ...line, object: { ...line.object, status: { ...(line.object["status"] as object), lastUpdateTime } } };
  });
const toldApart = (text: string): string =>
  `Route and status were told ${text} apart, but by its own stamp the status was written within 2.0 s.`;

test("a stamp is believed as far as its whole second and the clocks leave two seconds", () => {
  const stamped = (routeAt: number) => saidOf(stampedAt(firstMove(routeAt, 36.5).finish(), 36.5, 35));
  assert.deepEqual(stamped(34.25), ["pass", toldApart("2.3 s")]);
  assert.deepEqual(stamped(34.249), disagreedFor("2.3 s", "route"));
});

test("a status told more than five seconds after the route makes the run invalid, though stamped in time", () => {
  const told = (second: number) => saidOf(stampedAt(firstMove(34, second).finish(), second, 34));
  assert.deepEqual(told(39), ["pass", toldApart("5.0 s")]);
  assert.deepEqual(told(39.001), ["invalid", toldApart("5.0 s")]);
});

test("of several that were told late the latest one is told", () => {
  for (const [first, second] of [
    [36.5, 43],
    [37, 42.5],
  ] as const) {
    const story = firstMove(34, first)
      .at(40)
      .route({ [OLD]: 50, [NEW]: 50 })
      .at(second)
      .status("100,50|50,50", { stamp: 40 })
      .finish();
    assert.deepEqual(saidOf(stampedAt(stampedAt(story, first, 34), second, 40)), ["pass", toldApart("3.0 s")]);
  }
});

test("a route that comes back is not excused by the early stamp of the status that it left", () => {
  const story = firstMove(34, 34.2)
    .at(34.9)
    .route({ [OLD]: 74, [NEW]: 26 })
    .at(38)
    .route({ [OLD]: 75, [NEW]: 25 });
  assert.deepEqual(saidOf(stampedAt(story.finish(), 34.2, 34)), disagreedFor("3.1 s", "route"));
});

test("a status that goes ahead and comes back is not excused by its stamp", () => {
  const story = firstMove(33.9, 33.9)
    .at(34)
    .status("100,50|50,50", { stamp: 34 })
    .at(36.5)
    .status("100,75|50,25", { stamp: 34 });
  assert.deepEqual(saidOf(stampedAt(story.finish(), 36.5, 34)), disagreedFor("2.5 s", "status"));
});

test("one side's weight that agrees excuses no other's (defect: a stranger that takes a part of the new side's)", () => {
  const third = "app-third";
  const story = firstMove(34, 34)
    .at(35)
    .route({ [OLD]: 75, [NEW]: 15, [third]: 10 });
  assert.deepEqual(
    saidOf(story.finish()),
    disagreedFor("15.0 s", "route", `${OLD}-serve-svc 75, ${NEW}-serve-svc 15, ${third}-serve-svc 10`),
  );
});

test("each change to weights that do not sum to 100 is one of its own, and no change of the status is", () => {
  const story = aggressiveUpgrade()
    .at(34.1)
    .route({ [OLD]: 75, [NEW]: 20 })
    .at(34.2)
    .status("100,75|50,24", { stamp: 34 })
    .at(34.25)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(50)
    .route({ [NEW]: 99 })
    .at(50.1)
    .route({ [NEW]: 100 });
  const { message, violations, figures } = finding(story);
  assert.equal(message, `The HTTPRoute's weights sum to 95: ${OLD}-serve-svc 75, ${NEW}-serve-svc 20.`);
  assert.deepEqual(violations, [
    { atMs: ms(34.1), cause: "weights-do-not-sum", facts: { weights: services(75, 20), sum: 95 } },
    { atMs: ms(50), cause: "weights-do-not-sum", facts: { weights: { [`${NEW}-serve-svc`]: 99 }, sum: 99 } },
  ]);
  assert.equal(figures["violations"], 2);
});

test("a route that is deleted has no weights", () => {
  const { message, violations } = finding(
    aggressiveUpgrade()
      .at(50)
      .gone("HTTPRoute", "app-httproute")
      .at(51)
      .route({ [NEW]: 100 }),
  );
  assert.equal(message, "The HTTPRoute's weights sum to 0: .");
  assert.deepEqual(violations, [{ atMs: ms(50), cause: "weights-do-not-sum", facts: { weights: {}, sum: 0 } }]);
});

test("what says nothing of either's weights is no change", () => {
  const backendRefs = [{ name: "app-third", weight: 100 }];
  const other = { metadata: {}, spec: { rules: [{ backendRefs }] } };
  const active = { status: { activeServiceStatus: { rayClusterName: "app-third", trafficRoutedPercent: 100 } } };
  const stories: [name: string, story: ReturnType<typeof aggressiveUpgrade>][] = [
    [
      "the route again",
      aggressiveUpgrade()
        .at(50)
        .route({ [NEW]: 100 }),
    ],
    ["the status again", aggressiveUpgrade().at(50).status("100,100|-", { active: NEW })],
    ["no spec", aggressiveUpgrade().at(50).object("HTTPRoute", "app-httproute", { metadata: {}, status: {} })],
    ["another route", aggressiveUpgrade().at(50).object("HTTPRoute", "another", other)],
    ["another kind", aggressiveUpgrade().at(50).object("Gateway", "app-httproute", other)],
    ["another kind's end", aggressiveUpgrade().at(50).gone("Gateway", "app-httproute")],
    ["another RayService", aggressiveUpgrade().at(50).object("RayService", "another", active)],
    ["a RayService's namesake", aggressiveUpgrade().at(50).object("Job", "app", active)],
    ["no active side yet", aggressiveUpgrade().at(50).object("RayService", "app", { status: {} })],
    ["an unreadable route", aggressiveUpgrade().at(50).object("HTTPRoute", "app-httproute", { spec: 1 })],
    ["an unreadable status", aggressiveUpgrade().at(50).object("RayService", "app", { status: 1 })],
  ];
  for (const [name, story] of stories) {
    const { verdict, figures } = finding(story);
    assert.deepEqual([verdict, figures["changes"]], ["pass", 12], name);
  }
  // The last that a watch tells of a RayService that is deleted is how it was.
  const { observations, ...rest } = aggressiveUpgrade().finish();
  const [first] = observations.flatMap((line) => (line.type === "object" && line.kind === "RayService" ? [line] : []));
  assert.ok(first !== undefined);
  const deleted = { ...first, event: "deleted" as const, monoMs: 78_000, wallMs: ms(78) };
  const { verdict, figures } = findingOf("route-agrees-with-status", {
    ...rest,
    observations: [...observations, deleted].toSorted((a, b) => a.monoMs - b.monoMs),
  });
  assert.deepEqual([verdict, figures["changes"]], ["pass", 12]);
});

test("a side without a name has no service, whatever its percentage", () => {
  const active = { rayClusterName: OLD, trafficRoutedPercent: 100 };
  const status = { activeServiceStatus: active, pendingServiceStatus: { trafficRoutedPercent: 25 } };
  const story = steadyLoad(planOf()).at(20).object("RayService", "app", { status }).at(40).status("100,100|0,0");
  assert.deepEqual(saidOf(story.at(50).action("record-end").finish()), agreedFor("0.0 s"));
});

test("a disagreement across a watch that started over has no length, of a watch that went on or of another kind it has", () => {
  const HOLE = (kind: string): string =>
    `Route and status agreed; for at most 0.0 s one was ahead of the other, but the watch of ${kind} started over during the change and may have missed a transition.`;
  const routeLeads = () => firstMove(34, 36.5).at(34.5);
  const statusLeads = () => firstMove(36.5, 34).at(34.5);
  assert.deepEqual(saidOf(routeLeads().relisted("RayService", 34.2).finish()), ["invalid", HOLE("RayService")]);
  assert.deepEqual(saidOf(statusLeads().relisted("HTTPRoute", 34.2).finish()), ["invalid", HOLE("HTTPRoute")]);
  const parted = disagreedFor("2.5 s", "route");
  assert.deepEqual(saidOf(routeLeads().relisted("Pod", 34.2).finish()), parted);
  assert.deepEqual(saidOf(routeLeads().gap("RayService", "resumed", 34.2).finish()), parted);
  assert.deepEqual(saidOf(routeLeads().gap("HTTPRoute", "resumed", 34.2).finish()), parted);
});

test("a disagreement that a watch told of late proves nothing", () => {
  const late = (kind: "RayService" | "HTTPRoute", story: ReturnType<typeof firstMove>) =>
    saidOf(story.at(36.4).gap(kind, "resumed", 33.5).finish());
  for (const [kind, story, leader] of [
    ["RayService", firstMove(34, 36.5), "route"],
    ["HTTPRoute", firstMove(36.5, 34), "status"],
  ] as const) {
    const [, sentence] = disagreedFor("2.5 s", leader);
    assert.deepEqual(late(kind, story), [
      "invalid",
      `${(sentence ?? "").slice(0, -1)}, but the watch of ${kind} was interrupted and told late what happened meanwhile.`,
    ]);
  }
});

test("without both, or an upgrade that begins, nothing is concluded; where none is to come they must only agree", () => {
  const alone = (kind: string): Story =>
    withObservations(aggressiveUpgrade().finish(), (line) =>
      line.type === "object" && line.kind === kind ? undefined : line,
    );
  const NEVER = ["invalid", "HTTPRoute and status were never seen together."];
  assert.deepEqual(saidOf(alone("HTTPRoute")), NEVER);
  assert.deepEqual(saidOf(alone("RayService")), NEVER);
  assert.deepEqual(findingOf("route-agrees-with-status", alone("HTTPRoute")).figures, {
    changes: 0,
    longestLeadOfRouteMs: 0,
    longestLeadOfStatusMs: 0,
    boundMs: 2000,
  });
  assert.deepEqual(saidOf(steadyLoad(planOf()).finish()), ["invalid", "No upgrade was seen to begin."]);
  assert.deepEqual(saidOf(inPlace().finish()), agreedFor("0.0 s"));
  assert.deepEqual(saidOf(steady().finish()), agreedFor("0.0 s"));
});

test("it stands by the history alone", () => {
  const { ledger, ...story } = aggressiveUpgrade().finish();
  assert.deepEqual(saidOf({ ...story, ledger: ledger.slice(0, -1) }), agreedFor("0.3 s"));
});
