import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { aggressiveUpgrade, findingOf, NEW, planOf, START_MS, steadyLoad, type Story } from "./testing.ts";

const finding = (story: Story) => findingOf("disruption-windows", story);
const ms = (second: number): number => START_MS + second * 1000;
/** The upgrade with the requests that started in a stretch of seconds answered at its end, if at all. */
function stalled(from: number, to: number, answered = true): Story {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.flatMap((line) => {
    if (line.type !== "answered" || line.binMs < ms(from) || line.binMs >= ms(to)) return [line];
    return answered ? [{ ...line, latency: { [bucketOf(ms(to) - line.binMs)]: line.count } }] : [];
  });
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}

test("an upgrade without a disruption passes and says its longest stretch without an answer", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.deepEqual([verdict, figures["windows"], figures["disruptedMs"]], ["pass", 0, 0]);
  assert.ok(Number(figures["longestWithoutAnswerMs"]) < 300);
});

test("failures no further apart than a second are one window of their kind of connection", () => {
  const story = aggressiveUpgrade();
  for (const second of [40, 40.5, 41.4, 45]) story.at(second).failed({ connection: "reused", durationMs: 20 });
  const { verdict, violations, message } = finding(story.at(40.2).failed({ connection: "new" }).finish());
  assert.equal(verdict, "fail");
  assert.deepEqual(
    violations.map(({ atMs, facts }) => [
      (atMs - START_MS) / 1000,
      facts["connection"],
      facts["durationMs"],
      facts["count"],
    ]),
    [
      [40, "reused", 1420, 3],
      [40.2, "new", 5, 1],
      [45, "reused", 20, 1],
    ],
  );
  assert.match(message, /in 3 windows/);
});

test("time disrupted counts once, however many kinds it concerns", () => {
  const story = aggressiveUpgrade();
  for (const connection of ["new", "reused"] as const) story.at(40).failed({ connection, durationMs: 500 });
  assert.equal(finding(story.finish()).figures["disruptedMs"], 500);
});

test("a request that hangs disrupts until its end", () => {
  const story = aggressiveUpgrade().at(40).failed({ outcome: "hanging", status: 0, durationMs: 15_000 });
  const [violation] = finding(story.finish()).violations;
  assert.deepEqual([violation?.facts["durationMs"], violation?.facts["statuses"]], [15_000, "hanging"]);
});

test("a second and a half without any answer fails though every request is answered in the end", () => {
  const { verdict, violations } = finding(stalled(40, 41.5));
  assert.equal(verdict, "fail");
  const [violation] = violations;
  assert.ok(Math.abs((violation?.atMs ?? 0) - ms(40)) <= 200);
  assert.equal(violation?.facts["reasons"], "no-answer");
});

test("a stretch shorter than a second is a figure", () => {
  const { verdict, figures } = finding(stalled(40, 40.8));
  assert.equal(verdict, "pass");
  assert.ok(Math.abs(Number(figures["longestWithoutAnswerMs"]) - 800) <= 200);
});

test("silence in which nobody asked is no disruption", () => {
  assert.equal(finding(stalled(40, 42, false)).verdict, "pass");
});

test("a load whose last seconds nobody answered is disrupted until the stop", () => {
  const story = stalled(77, 79.1, false);
  const ledger = story.ledger.map((line) => {
    if (line.type === "end") return { ...line, interrupted: 200 };
    return line.type === "heartbeat" && line.atMs > ms(77) ? { ...line, oldestStartMs: ms(77) } : line;
  });
  const { verdict, violations } = finding({ ...story, ledger });
  assert.equal(verdict, "fail");
  assert.equal(violations[0]?.facts["untilMs"], ms(79.1));
});

test("a stall of clients that wait for their answer before they ask again is seen, though nobody starts a request", () => {
  // Every VU asked in the bin of the last answer, and is answered six seconds later.
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.flatMap((line): LedgerLine[] => {
    if (line.type !== "answered" || line.binMs < ms(40) || line.binMs >= ms(46)) return [line];
    return line.binMs === ms(40) ? [{ ...line, latency: { [bucketOf(6000)]: line.count } }] : [];
  });
  const { verdict, violations } = finding({
    ...story,
    ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })),
  });
  assert.equal(verdict, "fail");
  assert.equal(violations[0]?.facts["reasons"], "no-answer");
});

test("one side that gives no answer fails while the other goes on", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.map((line) =>
    line.type === "answered" && line.cluster === NEW && line.binMs >= ms(37) && line.binMs < ms(39)
      ? { ...line, latency: { [bucketOf(ms(39) - line.binMs)]: line.count } }
      : line,
  );
  const { verdict, violations } = finding({ ...story, ledger });
  assert.equal(verdict, "fail");
  assert.deepEqual(
    violations.map(({ facts }) => facts["connection"]),
    [NEW],
  );
});

/** The upgrade with the requests of every other second's first 100 ms alone, each answered after so long. */
function rare(latencyMs: number): Story {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.flatMap((line): LedgerLine[] => {
    if (line.type !== "answered") return [line];
    return (line.binMs - START_MS) % 2000 === 0 ? [{ ...line, latency: { [bucketOf(latencyMs)]: line.count } }] : [];
  });
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}

test("few requests are far apart by nature, and slow ones take their time", () => {
  assert.equal(finding(rare(12)).verdict, "pass");
  assert.equal(finding(rare(1500)).verdict, "pass");
});

test("iterations dropped because every VU waited are a disruption, those of an idle generator are not", () => {
  const dropping = (inFlight: number): Story => {
    const { ledger, ...story } = aggressiveUpgrade().finish();
    const changed = ledger.map((line) => {
      if (line.type !== "heartbeat") return line;
      return {
        ...line,
        dropped: line.atMs >= ms(40) ? 7 : 0,
        inFlight: Math.abs(line.atMs - ms(40)) < 500 ? inFlight : 2,
      };
    });
    return { ...story, ledger: changed };
  };
  const { verdict, violations } = finding(dropping(planOf().load.vus));
  assert.equal(verdict, "fail");
  assert.deepEqual([violations[0]?.facts["reasons"], violations[0]?.facts["count"]], ["dropped", 7]);
  assert.equal(finding(dropping(10)).verdict, "pass");
});

test("what fails during warm-up is not judged", () => {
  assert.equal(finding(aggressiveUpgrade().at(1.5).failed().finish()).verdict, "pass");
});

test("no disruption in a ledger that is cut short proves nothing, a witnessed one still does", () => {
  const cut = (story: Story): Story => ({ ...story, ledger: story.ledger.slice(0, -1) });
  assert.equal(finding(cut(aggressiveUpgrade().finish())).verdict, "invalid");
  assert.equal(finding(cut(aggressiveUpgrade().at(40).failed().finish())).verdict, "fail");
});

test("without a steady load there is nothing to judge", () => {
  const story = steadyLoad(planOf()).finish();
  const observations = story.observations.filter((line) => line.type !== "action");
  assert.equal(finding({ ...story, observations }).verdict, "invalid");
});
