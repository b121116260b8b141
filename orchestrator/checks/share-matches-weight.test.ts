import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  planOf,
  shiftedLedger,
  START_MS,
  withObservations,
  type Story,
} from "./testing.ts";
import type { ShareStep } from "./share-steps.ts";
import type { StoryWriter } from "./story-writer.ts";
import { steadyLoad } from "./testing.ts";
import type { Plan } from "../plan/plan.ts";

const finding = (story: Story) => findingOf("share-matches-weight", story);
const stepsOf = (story: Story) => finding(story).figures["steps"] as ShareStep[];
const RANDOM: Partial<Plan> = { gateway: { controller: "another", splitModel: "random" } };

/** One step of 50 % from second 30 to 40 and then everything, at 100 requests/s; the shares as told. */
function halfway(plan: Plan, share: number, appliedAt = 30, rate = 100): StoryWriter {
  return steadyLoad(plan, rate)
    .at(11)
    .status("100,100|0,0")
    .at(20)
    .endpoints(NEW, 2)
    .at(30)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(40)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(60)
    .action("stop-load")
    .action("load-ended")
    .action("record-end")
    .served(1, appliedAt, 0, rate)
    .served(appliedAt, 40, share, rate)
    .served(40, 60, 1, rate);
}
const strategy = { name: "50/10/100", stepSizePercent: 50, intervalSeconds: 10, maxSurgePercent: 100 };
const deterministic = planOf(strategy);
const random = planOf(strategy, RANDOM);

test("a split by turns passes, each step with its share, its tolerance and what it could have shown", () => {
  const story = aggressiveUpgrade().finish();
  assert.equal(finding(story).verdict, "pass");
  const steps = stepsOf(story);
  assert.deepEqual(
    steps.map(({ weight, verdict }) => [weight, verdict]),
    [
      [25, "fits"],
      [50, "fits"],
      [75, "fits"],
      [100, "fits"],
    ],
  );
  // 2 threads of 2 CPUs, less than 2 off each, and 2 requests in flight at both ends.
  assert.equal(steps[0]?.tolerance, 2 * 2 + 2 + 2);
});

test("when the gateway applied a weight is found, not assumed", () => {
  for (const appliedAt of [29.5, 30, 30.4]) {
    const [step] = stepsOf(halfway(deterministic, 0.5, appliedAt).finish());
    assert.equal(step?.verdict, "fits");
    // The cell in which it changed is left out.
    assert.ok(Math.abs((step.appliedAfterMs ?? NaN) - (appliedAt - 30) * 1000) <= 100, String(step.appliedAfterMs));
  }
});

test("a share two points off in ten seconds fails, one within the tolerance does not", () => {
  const { verdict, message, violations } = finding(halfway(deterministic, 0.52).finish());
  assert.equal(verdict, "fail");
  assert.match(message, /^At weight 50 % the new side answered 51\.9 % of \d+ requests, \d+ off; 8 are allowed\.$/);
  assert.deepEqual([violations[0]?.atMs, violations[0]?.cause], [START_MS + 30_000, "share-off-weight"]);
  assert.equal(finding(halfway(deterministic, 0.505).finish()).verdict, "pass");
});

test("a weight that is applied too late, or never, fails", () => {
  assert.equal(finding(halfway(deterministic, 0.5, 32).finish()).verdict, "fail");
  assert.equal(finding(halfway(deterministic, 0).finish()).verdict, "fail");
});

test("swings that cancel out within a step fail", () => {
  const story = halfway(deterministic, 0.5).finish();
  const swung = (binMs: number): string => (binMs < START_MS + 34_700 ? NEW : OLD);
  const ledger = story.ledger.map((line) =>
    line.type === "answered" && line.binMs >= START_MS + 33_000 && line.binMs < START_MS + 36_400
      ? { ...line, cluster: swung(line.binMs) }
      : line,
  );
  assert.equal(finding({ ...story, ledger }).verdict, "fail");
});

test("a weight that lasts shorter than the gateway may take is unjudged, and so are its edges", () => {
  const story = halfway(deterministic, 0.5)
    .at(39.7)
    .route({ [OLD]: 25, [NEW]: 75 })
    .finish();
  assert.deepEqual(
    stepsOf(story).map(({ weight, verdict }) => [weight, verdict]),
    [
      [50, "fits"],
      [75, "unjudged"],
      [100, "fits"],
    ],
  );
});

test("a side without a ready endpoint gets nothing, so that stretch is not judged", () => {
  const story = halfway(deterministic, 0.5).at(31).endpoints(NEW, 0).at(32).endpoints(NEW, 2).finish();
  const ledger = story.ledger.map((line) =>
    line.type === "answered" &&
    line.cluster === NEW &&
    line.binMs >= START_MS + 31_000 &&
    line.binMs < START_MS + 32_000
      ? { ...line, cluster: OLD, version: "v1" }
      : line,
  );
  assert.equal(finding({ ...story, ledger }).verdict, "pass");
  // The same with endpoints that were ready all along.
  const { observations } = halfway(deterministic, 0.5).finish();
  assert.equal(finding({ ...story, observations, ledger }).verdict, "fail");
});

test("changes of the endpoints make the gateway's schedule anew, and the tolerance wider", () => {
  const story = halfway(deterministic, 0.5).at(35).endpoints(NEW, 3).finish();
  assert.deepEqual(
    stepsOf(story).map(({ endpointChanges, tolerance }) => [endpointChanges, tolerance]),
    [
      [1, 12],
      [0, 6],
    ],
  );
});

test("a failed request that names nobody may have been anybody's", () => {
  assert.equal(stepsOf(halfway(deterministic, 0.5).at(35).failed().finish())[0]?.tolerance, 9);
});

test("where no weight between all and nothing met enough requests, all and nothing alone prove little", () => {
  const { verdict, figures, message } = finding(halfway(deterministic, 0.5, 30, 1).finish());
  assert.equal(verdict, "invalid");
  assert.deepEqual([figures["judged"], figures["unjudged"]], [1, 1]);
  assert.match(message, /^No weight between 0 and 100 % could be judged: it was too short/);
  const story = halfway(deterministic, 0.5, 30, 1).at(41).action("stop-load").finish();
  const short = withObservations(story, (line) =>
    line.type === "action" && line.action === "stop-load" && line.monoMs > 50_000 ? undefined : line,
  );
  assert.match(finding(short).message, /No step could be judged/);
});

test("steps of 1 % are too fine to be told from each other, but not from all or nothing (defect: a fine upgrade is never judged)", () => {
  const fine = (rate: number): Story => {
    const story = steadyLoad(deterministic, rate).at(11).status("100,100|0,0").at(20).endpoints(NEW, 2);
    const steps = Array.from({ length: 10 }, (_, index) => ({ second: 30 + 3 * index, percent: index + 1 }));
    for (const { second, percent } of steps) story.at(second).route({ [OLD]: 100 - percent, [NEW]: percent });
    story
      .at(60)
      .route({ [OLD]: 0, [NEW]: 100 })
      .at(80)
      .action("stop-load")
      .action("load-ended")
      .action("record-end");
    story.served(1, 30, 0, rate);
    for (const { second, percent } of steps) story.served(second, second + 3, percent / 100, rate);
    return story.served(60, 80, 1, rate).finish();
  };
  const { verdict, figures, message } = finding(fine(100));
  assert.equal(verdict, "pass", message);
  assert.deepEqual([figures["judged"], figures["unjudged"]], [1, 10]);
  assert.match(
    message,
    /; in \d steps that could not be told from the one before, one of \d\.\d to \d\.\d points would have/,
  );
  assert.equal(finding(fine(10)).verdict, "invalid");
});

test("no share is asked for where a fault is why a side had no endpoint at any weight (defect: a lost head is missing evidence, or any lost side is none)", () => {
  const fault = { kind: "delete-pod", target: "pending-head" } as const;
  const faulty = planOf(strategy, { steps: [{ do: "upgrade" }, { do: "fault", fault }] });
  const lost = (second: number): Story => {
    const story = halfway(faulty, 0.5).at(30.2).endpoints(NEW, 0);
    const facts = { index: 1, fault, text: "it", askedAtMs: START_MS + second * 1000, pods: [] };
    return story.at(second).action("fault", facts).finish();
  };
  assert.equal(finding(lost(30.1)).verdict, "not-applicable");
  assert.equal(finding(lost(50)).verdict, "invalid");
});

test("a weight that the route's watch may have told late is not held against the clients, and a pass proves nothing then", () => {
  // Would catch: a move during a gap dated by the list after it, and the requests in between called wrong.
  const listed = (anew: boolean): Story => {
    const story = steadyLoad(deterministic).at(11).status("100,100|0,0").at(20).endpoints(NEW, 2);
    story
      .at(30)
      .route({ [OLD]: 50, [NEW]: 50 })
      .at(40);
    if (anew) story.relisted("HTTPRoute", 35);
    story
      .route({ [OLD]: 0, [NEW]: 100 })
      .at(60)
      .action("stop-load")
      .action("load-ended")
      .action("record-end");
    return story.served(1, 30, 0).served(30, 36, 0.5).served(36, 60, 1).finish();
  };
  assert.equal(finding(listed(false)).verdict, "fail");
  const { verdict, message } = finding(listed(true));
  assert.equal(verdict, "invalid");
  assert.match(message, /but the watch of HTTPRoute started over/);
  const [step] = stepsOf(listed(true));
  assert.deepEqual([step?.verdict, step?.n], ["fits", 440]);
});

test("a share that is off proves nothing where the ledger's clock is, or k6 was kept from running", () => {
  // Would catch: a whole upgrade failed because the pod's clock was.
  const story = aggressiveUpgrade().finish();
  const late = finding({ ...story, ledger: shiftedLedger(story.ledger, 3000) });
  assert.equal(late.verdict, "invalid");
  assert.match(
    late.message,
    /but the ledger's times cannot be held against the history's: the ledger ends 2.* too late/,
  );
  const off = halfway(deterministic, 0.4);
  assert.equal(finding(off.finish()).verdict, "fail");
  const throttled = halfway(deterministic, 0.4).at(12).k6Cgroup(null).at(50).k6Cgroup(4, 2, 0.4).finish();
  assert.match(finding(throttled).message, /: k6 was kept from running for 0\.4 s by a CPU limit\.$/);
});

test("a random split is held against the exact binomial band", () => {
  const [step] = stepsOf(halfway(random, 0.5).finish());
  assert.equal(step?.verdict, "fits");
  // From 0.6 s after the move to 0.6 s before the next one, less 5 ms of the clocks each: 86 whole bins of 10 requests.
  assert.equal(step.n, 860);
  // Normal approximation: 0.00025 in each tail is 3.48 standard deviations of 14.8.
  assert.ok(Math.abs(step.tolerance - 3.48 * 14.83) < 1, String(step.tolerance));
  assert.ok(
    (step.smallestDeviation ?? 0) > 0.08 && (step.smallestDeviation ?? 1) < 0.1,
    String(step.smallestDeviation),
  );
  assert.equal(finding(halfway(random, 0.54).finish()).verdict, "pass");
  assert.equal(finding(halfway(random, 0.58).finish()).verdict, "fail");
});

test("a random split leaves no room at weight 100", () => {
  const story = halfway(random, 0.5)
    .answered(START_MS + 50_000, OLD, "v1", 1)
    .finish();
  assert.equal(finding(story).verdict, "fail");
});

test("without the data plane's threads no tolerance can be stated", () => {
  const story = withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "environment" ? undefined : line,
  );
  assert.match(finding(story).message, /How many worker threads/);
  const told = aggressiveUpgrade().at(1).environment({ dataPlaneThreads: 8 }).finish();
  assert.equal(stepsOf(told)[0]?.tolerance, 2 * 8 + 4);
});

test("without the route, or a whole ledger, there is nothing to conclude", () => {
  const story = aggressiveUpgrade().finish();
  const blind = withObservations(story, (line) => ("kind" in line && line.kind === "HTTPRoute" ? undefined : line));
  assert.equal(finding(blind).verdict, "invalid");
  assert.equal(finding({ ...story, ledger: story.ledger.slice(0, -1) }).verdict, "invalid");
});
