import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { aggressiveUpgrade, NEW, OLD, planOf, START_MS, steadyLoad, StoryWriter } from "../../checks/testing.ts";
import { LATEST_MS } from "../../history/instant.ts";
import { BIN_MS, binOf } from "../../history/bins.ts";
import { ledgerLineSchema, type LedgerLine } from "../../history/ledger.ts";
import { observationSchema, WATCHED_KINDS, type Observation } from "../../history/observation.ts";
import { MOST_BINS } from "./bins.ts";
import { createCourse } from "./course-fold.ts";
import type { Column, Course, LoadColumns } from "./course.ts";
import { answeredIn, courseOf, sumOf } from "./testing/course-of.ts";

const plan = planOf();

test("the axis has the whole record, and zero is the trigger (defect: a chart cut off before the last pod ends)", () => {
  const { zero, zeroMs, fromMs, untilMs, bins } = courseOf(aggressiveUpgrade().finish());
  assert.deepEqual([zero, zeroMs, fromMs, untilMs], ["trigger", START_MS + 10_000, START_MS, START_MS + 81_000]);
  assert.deepEqual(bins, { fromMs: START_MS, widthMs: 1000, count: 82 });
});

test("without a trigger zero is the load's start, else the record's (defect: an axis from 1970)", () => {
  const story = new StoryWriter(plan).at(0).action("record-start");
  assert.deepEqual([courseOf(story.finish()).zero, courseOf(story.finish()).zeroMs], ["record-start", START_MS]);
  const { zero, zeroMs } = courseOf(story.at(2).action("load-start").finish());
  assert.deepEqual([zero, zeroMs], ["load-start", START_MS + 2000]);
});

test("a recording of nothing has an empty course at its plan's time (defect: Infinity as the axis' end)", () => {
  const course = courseOf({ plan, observations: [], ledger: [] });
  assert.equal(course.fromMs, Date.parse(plan.createdAt));
  assert.ok(course.untilMs > course.fromMs);
  assert.equal(course.bins.count, 1);
  assert.deepEqual([course.clusters, course.flags, course.failures.texts], [[], [], []]);
});

test("a ledger without a history still counts (defect: a runner that died at once took the load with it)", () => {
  const { ledger } = steadyLoad(plan).served(1, 9, 0).finish();
  const course = courseOf({ plan, observations: [], ledger });
  assert.equal(answeredIn(course), 800);
  assert.ok(course.bins.count >= 8);
});

test("the axis reaches as far as the ledger does (defect: the last seconds of a killed run beyond the axis)", () => {
  const story = steadyLoad(plan).served(1, 14, 0);
  const course = courseOf({ ...story.finish(), observations: story.observations });
  assert.equal(answeredIn(course), 1300);
  assert.ok(course.untilMs >= START_MS + 14_000 && course.untilMs <= START_MS + 16_000);
  assert.ok(course.bins.fromMs + course.bins.count * course.bins.widthMs >= START_MS + 14_000);
});

test("a line of the history after one of the ledger is the caller's bug (defect: an upgrade that half of the columns know of)", () => {
  const fold = createCourse(plan);
  const story = aggressiveUpgrade().finish();
  const [line, row] = [story.observations[0], story.ledger[0]];
  assert.ok(line !== undefined && row !== undefined);
  fold.ledger(row);
  assert.throws(() => fold.observe(line), /history came after/);
});

test("equal recordings have equal courses (defect: an order that depends on anything else)", () => {
  assert.deepEqual(courseOf(aggressiveUpgrade().finish()), courseOf(aggressiveUpgrade().finish()));
});

/** Near the story, far from it, or anywhere that a Date reaches. */
const time = fc.oneof(
  fc.integer({ min: -5_000_000, max: 50_000_000 }).map((ms) => START_MS + ms),
  fc.double({ min: -LATEST_MS, max: LATEST_MS, noNaN: true }),
  fc.constantFrom(-LATEST_MS, LATEST_MS, 0, -0),
);
const count = fc.integer({ min: 1, max: 1000 });
const client = fc.constantFrom("steady", "fresh");
const side = fc.constantFrom(
  { cluster: OLD, version: "v1" },
  { cluster: NEW, version: "v2" },
  { cluster: "", version: "" },
);
const connection = fc.constantFrom("new" as const, "reused" as const, "unknown" as const);
const outcome = fc.constantFrom("failed" as const, "hanging" as const);
const bin = time.map((ms) => Math.max(-LATEST_MS, binOf(ms)));
const seq = fc.constant(1);
const codes = { status: fc.integer(), errorCode: fc.integer() };

const row: fc.Arbitrary<LedgerLine> = fc.oneof(
  fc
    .record({ seq, binMs: bin, client, connection, count, bucket: fc.integer({ min: -2000, max: 100_000 }), side })
    .map(({ side, bucket, ...rest }) => ({
      type: "answered" as const,
      ...rest,
      ...side,
      latency: { [bucket]: rest.count },
    })),
  fc
    .record({ seq, startMs: time, durationMs: time, client, connection, outcome, ...codes, message: fc.string(), side })
    .map(({ side, ...rest }) => ({ type: "failed" as const, ...rest, ...side })),
  fc
    .record({ seq, binMs: bin, durationMs: time, client, connection, outcome, ...codes, count, side })
    .map(({ side, ...rest }) => ({ type: "failures" as const, ...rest, ...side })),
  fc
    .record({ seq, atMs: time, settledMs: time, inFlight: fc.nat(), oldestStartMs: fc.option(time), dropped: fc.nat() })
    .map((rest) => ({ type: "heartbeat" as const, issued: 0, answered: 0, failed: 0, hanging: 0, ...rest })),
);

/** What rows say of a version or an outcome. */
function told(rows: readonly LedgerLine[], of: (line: LedgerLine) => number): number {
  return rows.reduce((sum, line) => sum + of(line), 0);
}

const failuresOf = (rows: readonly LedgerLine[], kind: "failed" | "hanging"): number =>
  told(rows, (line) =>
    line.type === "failed" && line.outcome === kind
      ? 1
      : line.type === "failures" && line.outcome === kind
        ? line.count
        : 0,
  );

function connectionsIn({ connections }: LoadColumns): number {
  return sumOf(connections.new) + sumOf(connections.reused) + sumOf(connections.unknown);
}

function hasColumns({ bins, load, pressure, share }: Course): void {
  const { answered, failed, hanging, connections, latency, perSecond } = load;
  const { ofOthers, ...shares } = share;
  const groups: readonly Readonly<Record<string, Column>>[] = [
    answered,
    ...[{ ...connections }, { ...latency }, { ...perSecond }, { ...pressure }],
    ...[shares, ...ofOthers.map(({ cluster: _cluster, ...columns }) => columns)],
  ];
  const columns = groups.flatMap((group) => Object.values(group));
  for (const column of [failed, hanging, ...columns]) assert.equal(column.length, bins.count);
  assert.ok(bins.count <= MOST_BINS);
}

test("nothing is lost by binning, whatever the width and the times (defect: a request that no bin has, or that two have)", () => {
  fc.assert(
    fc.property(time, time, fc.array(row, { maxLength: 60 }), (one, other, ledger) => {
      const lines = ledger.map((line) => ledgerLineSchema.parse(line));
      const story = new StoryWriter(plan).at(0).action("record-start").at(1).action("load-ended").observations;
      const observations = story.map((line, index) => ({ ...line, wallMs: index === 0 ? one : other }));
      const course = courseOf({ plan, observations, ledger: lines });
      hasColumns(course);
      const { load, kinds, failures, share, pressure } = course;
      for (const version of ["v1", "v2", ""]) {
        const answered = told(lines, (line) => (line.type === "answered" && line.version === version ? line.count : 0));
        assert.equal(sumOf(load.answered[version] ?? []), answered);
      }
      const [failed, hanging] = [failuresOf(lines, "failed"), failuresOf(lines, "hanging")];
      assert.deepEqual([sumOf(load.failed), sumOf(load.hanging)], [failed, hanging]);
      assert.deepEqual([failures.failed, failures.hanging], [failed, hanging]);
      assert.equal(sumOf(failures.rows.count), failed + hanging);
      const settled = answeredIn(course) + failed + hanging;
      assert.equal(connectionsIn(load), settled);
      const perKind = Object.values(kinds).reduce((sum, kind) => sum + connectionsIn(kind), 0);
      assert.ok(perKind === 0 || perKind === settled);
      const unnamed = told(lines, (line) =>
        line.type === "answered" || !("cluster" in line) || line.cluster !== "" ? 0 : "count" in line ? line.count : 1,
      );
      assert.equal(sumOf(share.n), settled - unnamed);
      assert.equal(
        sumOf(pressure.dropped),
        Math.max(0, ...lines.map((line) => ("dropped" in line ? line.dropped : 0))),
      );
      assert.ok(course.phases.every(({ fromMs, untilMs }) => fromMs < untilMs));
    }),
    { numRuns: 150 },
  );
});

/** Objects that nobody would write, but that a history may hold. */
const number = fc.oneof(fc.constantFrom(-1, -0, 1e308, -1e308, Number.MAX_SAFE_INTEGER, 0.5), fc.integer());
const object = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
  fc.record({ name: fc.constantFrom(OLD, NEW, "", "__proto__"), capacity: number, traffic: number }).map((one) => ({
    status: {
      activeServiceStatus: {
        rayClusterName: one.name,
        targetCapacity: one.capacity,
        trafficRoutedPercent: one.traffic,
      },
      pendingServiceStatus: { rayClusterName: NEW, targetCapacity: one.traffic },
      conditions: [{ type: one.name, status: String(one.capacity) }],
    },
  })),
  fc.tuple(number, number).map((weights) => ({
    spec: {
      rules: [{ backendRefs: weights.map((weight, index) => ({ name: [`${OLD}-serve-svc`, "x"][index], weight })) }],
    },
  })),
  fc.record({ count: number, type: fc.constantFrom("Warning", "", null), message: fc.string() }).map((event) => ({
    ...event,
    involvedObject: { fieldPath: "spec.containers{x}" },
  })),
  fc.constant({
    metadata: {
      labels: {
        "ray.io/cluster": OLD,
        "ray.io/originated-from-crd": "RayService",
        "ray.io/originated-from-cr-name": "app",
      },
    },
    status: { phase: "Failed", containerStatuses: [{ name: "c", restartCount: 3 }] },
  }),
);
const at = { wallMs: time, monoMs: time };
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({
    type: fc.constant("object" as const),
    ...at,
    kind: fc.constantFrom(...WATCHED_KINDS),
    event: fc.constantFrom("listed" as const, "added" as const, "modified" as const, "deleted" as const),
    name: fc.constantFrom("app", "app-httproute", OLD, NEW, "other"),
    uid: fc.constantFrom("1", "2"),
    resourceVersion: fc.constant("1"),
    object,
  }),
  fc.record({
    type: fc.constant("synced" as const),
    ...at,
    kind: fc.constantFrom(...WATCHED_KINDS),
    resourceVersion: fc.string(),
  }),
  fc.record({
    type: fc.constant("gap" as const),
    ...at,
    kind: fc.constantFrom(...WATCHED_KINDS),
    how: fc.constantFrom("resumed" as const, "relisted" as const),
    sinceMonoMs: time,
    reason: fc.string(),
  }),
  fc.record({
    type: fc.constant("action" as const),
    ...at,
    action: fc.constantFrom(
      "record-start" as const,
      "load-start" as const,
      "warm-up-steady" as const,
      "trigger" as const,
      "stop-load" as const,
    ),
    facts: fc.dictionary(fc.string(), fc.jsonValue()),
  }),
  fc.record({
    type: fc.constant("poll" as const),
    ...at,
    poll: fc.constant("platform-pods" as const),
    subject: fc.string(),
    ok: fc.boolean(),
    data: fc.oneof(
      fc.jsonValue(),
      fc.record({ pods: fc.constant([{ name: "p", uid: "u", containers: [{ name: "c", restarts: 1 }] }]) }),
    ),
  }),
);

test("whatever was recorded has a course that JSON keeps (defect: a report that throws, or NaN and -0 in it)", () => {
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 40 }), fc.array(row, { maxLength: 10 }), (observations, ledger) => {
      const lines = observations.map((line) => observationSchema.parse(line));
      const course = courseOf({ plan, observations: lines, ledger });
      hasColumns(course);
      assert.ok(
        course.fromMs <= course.untilMs && Math.max(Math.abs(course.fromMs), Math.abs(course.untilMs)) <= LATEST_MS,
      );
      for (const { targetCapacity, weight, pods } of course.clusters) {
        for (const steps of [targetCapacity, weight, pods]) {
          assert.ok(steps.every(([ms], index) => index === 0 || ms > (steps[index - 1]?.[0] ?? Infinity)));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("memory is bounded however long the load is (defect: a column, a text or a row for each second of it)", () => {
  const sizeOf = (hours: number): number => {
    const story = steadyLoad(plan)
      .at(hours * 3600)
      .action("record-end");
    const ledger = Array.from({ length: hours * 360 }, (_, index): LedgerLine => {
      const row = { client: "steady", cluster: OLD, version: "v1", connection: "reused", count: 1000 } as const;
      const binMs = START_MS + index * 10_000 + BIN_MS;
      return { type: "answered", seq: index + 1, binMs, ...row, latency: { [100 + (index % 7)]: 1000 } };
    });
    return JSON.stringify(courseOf({ ...story.finish(), ledger })).length;
  };
  assert.ok(sizeOf(100) < 2 * sizeOf(5));
});
