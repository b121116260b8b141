import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Stretch } from "./share-periods.ts";
import { isLong, ShareTally, type Patience } from "./share-tally.ts";
import type { Cell } from "./split-placement.ts";
import type { StoryWriter } from "./story-writer.ts";
import { NEW, OLD, planOf, START_MS, steadyLoad, timelineOfStory } from "./testing.ts";
import { third } from "./testing/turned-stories.ts";

const ms = (second: number): number => START_MS + Math.round(second * 1000);
const stretch = (from: number, to: number): Stretch => ({ fromMs: ms(from), toMs: ms(to) });

/** Half of the traffic from second 30 on and all of it from second 40 on, until the stop at second 60. */
const halfway = (): StoryWriter =>
  steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(40)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(60)
    .action("stop-load");

/** The tally of a story's rows. */
function tallied(story: StoryWriter, unready: readonly Stretch[] = [], clockMs = 0): ShareTally {
  const tally = new ShareTally(timelineOfStory(story), unready, clockMs);
  for (const row of story.rows) tally.observe({ ...row, seq: 1 });
  return tally;
}

const heartbeat = (second: number, inFlight: number): LedgerLine => ({
  ...{ type: "heartbeat", seq: 1, atMs: ms(second), settledMs: ms(second), oldestStartMs: null, inFlight },
  ...{ issued: 0, answered: 0, failed: 0, hanging: 0, dropped: 0 },
});

/** What a tally's cells hold that is not 0, by their beginnings in seconds. */
const held = (cells: readonly Cell[], of: (cell: Cell) => number): [second: number, held: number][] =>
  cells.flatMap((cell) => (of(cell) === 0 ? [] : [[(cell.fromMs - START_MS) / 1000, of(cell)]]));

/** Index of the cell that begins at a second. */
const cellAt = ({ cells }: ShareTally, second: number): number =>
  cells.findIndex(({ fromMs }) => fromMs === ms(second));

test("a period is long beyond the 1.2 s in which the gateway may take a weight up and give it up", () => {
  assert.equal(isLong(stretch(30, 31.2)), false);
  assert.equal(isLong(stretch(30, 31.201)), true);
});

test("a tally has the periods with the parts that can be judged, and cells from the first change to the end of the load", () => {
  const tally = tallied(halfway(), [stretch(50, 51)]);
  const halfAt = { ...stretch(30, 40), weight: 50, weightBefore: 0, weightAfter: 100 };
  const allAt = { ...stretch(40, 60), weight: 100, weightBefore: 50, weightAfter: null };
  assert.deepEqual(tally.periods, [
    { ...halfAt, part: stretch(30, 40), unattributed: 0 },
    { ...allAt, part: stretch(40, 49.4), unattributed: 0 },
  ]);
  const starts = tally.cells.map(({ fromMs }) => (fromMs - START_MS) / 1000);
  assert.deepEqual(starts.slice(0, 3), [29.4, 29.5, 29.6]);
  // A second each between two changes, a bin each about them; the end of the part that can be judged is a bound.
  assert.deepEqual(starts.slice(12, 15), [30.6, 31.6, 32.6]);
  assert.deepEqual(starts.slice(-5), [45.6, 46.6, 47.6, 48.6, 49.4]);
  assert.deepEqual([tally.cells[0]?.n, tally.cells[0]?.k, tally.cells[0]?.inFlight], [0, 0, 0]);
});

test("a period of which nothing can be judged has no bounds of its own", () => {
  const tally = tallied(halfway(), [stretch(29, 41)]);
  assert.deepEqual(
    tally.periods.map(({ part }) => part),
    [null, stretch(41.6, 60)],
  );
  const starts = tally.cells.map(({ fromMs }) => (fromMs - START_MS) / 1000);
  assert.deepEqual([starts[0], starts.includes(41.6), starts.at(-1)], [29.4, true, 60]);
});

test("how far the clocks may differ makes the time of a change longer", () => {
  const { cells } = tallied(halfway(), [], 250);
  assert.equal(cells[0]?.fromMs, ms(29.1));
  assert.deepEqual(
    cells.slice(17, 20).map(({ fromMs }) => fromMs),
    [ms(30.8), ms(30.9), ms(31.9)],
  );
});

test("answers count where they started, and the new side's apart", () => {
  const story = halfway()
    .answered(ms(29.3), NEW, "v2", 1)
    .answered(ms(29.4), OLD, "v1", 2)
    .answered(ms(31.5), OLD, "v1", 3)
    .answered(ms(31.5), NEW, "v2", 4)
    .answered(ms(31.6), NEW, "v2", 5)
    .answered(ms(59.9), "app-other", "v1", 6)
    .answered(ms(60), NEW, "v2", 7)
    .answered(ms(80), NEW, "v2", 8);
  const { cells, periods } = tallied(story);
  const [total, fresh] = [held(cells, ({ n }) => n), held(cells, ({ k }) => k)];
  assert.deepEqual(total, [
    [29.4, 2],
    [30.6, 7],
    [31.6, 5],
    [59.6, 6],
    [60, 7],
  ]);
  assert.deepEqual(fresh, [
    [30.6, 4],
    [31.6, 5],
    [60, 7],
  ]);
  assert.deepEqual(
    periods.map(({ unattributed }) => unattributed),
    [0, 0],
  );
});

test("RayClusters that follow one another are the new side together", () => {
  const timeline = timelineOfStory(third());
  const tally = new ShareTally(timeline, [], 0);
  const { rows } = halfway()
    .answered(ms(50), NEW, "v3", 2)
    .answered(ms(50), timeline.arriving ?? "", "v3", 3);
  for (const row of rows) tally.observe({ ...row, seq: 1 });
  assert.deepEqual(
    held(tally.cells, ({ k }) => k).map(([, k]) => k),
    [5],
  );
});

test("a failure that names its side counts as an answer of it", () => {
  const { cells, periods } = tallied(
    halfway().at(35).failed({ cluster: NEW }).failures(3, { cluster: NEW }).failures(5, { cluster: OLD }),
  );
  assert.deepEqual([held(cells, ({ n }) => n), held(cells, ({ k }) => k)], [[[34.6, 9]], [[34.6, 4]]]);
  assert.equal(periods[0]?.unattributed, 0);
});

test("a failure that names no side may be of every period that it may have met", () => {
  const periodsOf = (second: number): number[] =>
    tallied(halfway().at(second).failed()).periods.map(({ unattributed }) => unattributed);
  const unattributed: [second: number, counts: number[]][] = [
    [29.399, [0, 0]],
    [29.4, [1, 0]],
    [35, [1, 0]],
    [39.399, [1, 0]],
    [39.4, [1, 1]],
    [40.6, [1, 1]],
    [40.601, [0, 1]],
    [60.6, [0, 1]],
    [60.601, [0, 0]],
  ];
  for (const [second, counts] of unattributed) assert.deepEqual(periodsOf(second), counts, String(second));
  const many = tallied(halfway().at(35).failures(7));
  assert.deepEqual([many.periods[0]?.unattributed, held(many.cells, ({ n }) => n)], [7, []]);
});

test("a heartbeat tells what was in flight where a cell begins within 0.4 s of it, and the most counts", () => {
  const inFlight = (...lines: LedgerLine[]): [number, number][] => {
    const tally = tallied(halfway());
    for (const line of lines) tally.observe(line);
    assert.deepEqual([held(tally.cells, ({ n }) => n), held(tally.cells, ({ k }) => k)], [[], []]);
    return held(tally.cells, (cell) => cell.inFlight);
  };
  assert.deepEqual(inFlight(heartbeat(35, 7)), [[34.6, 7]]);
  assert.deepEqual(inFlight(heartbeat(35.001, 7)), []);
  assert.deepEqual(inFlight(heartbeat(35.199, 7)), []);
  assert.deepEqual(inFlight(heartbeat(35.2, 7)), [[35.6, 7]]);
  // Where cells are bins it tells of nine of them.
  const about = [29.6, 29.7, 29.8, 29.9, 30, 30.1, 30.2, 30.3, 30.4].map((second) => [second, 7]);
  assert.deepEqual(inFlight(heartbeat(30, 7)), about);
  assert.deepEqual(inFlight(heartbeat(35, 3), heartbeat(34.8, 7), heartbeat(34.9, 5)), [[34.6, 7]]);
  assert.deepEqual(inFlight(heartbeat(60, 7)), [
    [59.6, 7],
    [60, 7],
  ]);
  assert.deepEqual(inFlight(heartbeat(80, 7)), []);
});

test("the ledger's end tells nothing of what was in flight where a weight changed", () => {
  const { ledger } = halfway().action("load-ended").finish();
  const end = ledger.at(-1);
  assert.ok(end?.type === "end");
  const tally = tallied(halfway());
  tally.observe(end);
  assert.deepEqual(
    held(tally.cells, (cell) => cell.inFlight),
    [],
  );
});

test("a period among the cells begins and ends where the gateway may have taken up its weight and the next one", () => {
  const tally = tallied(halfway());
  const changeAt = (second: number) => ({ from: cellAt(tally, second - 0.6), to: cellAt(tally, second + 0.6) });
  assert.deepEqual(changeAt(30), { from: 0, to: 12 });
  assert.deepEqual(tally.among(0), { begins: changeAt(30), ends: changeAt(40), before: 0, now: 0.5, after: 1 });
  // The last one ends with the load: nothing is to be found there.
  const end = cellAt(tally, 60);
  const last = { begins: changeAt(40), ends: { from: end, to: end }, before: 0.5, now: 1, after: null };
  assert.deepEqual(tally.among(1), last);
  assert.equal(tally.among(2), null);
});

test("how far the clocks may differ makes the stretch of cells longer in which a change is looked for", () => {
  const tally = tallied(halfway(), [], 250);
  const period = tally.among(0);
  assert.deepEqual(period?.begins, { from: 0, to: cellAt(tally, 30.9) });
  assert.deepEqual(period.ends, { from: cellAt(tally, 39.1), to: cellAt(tally, 40.9) });
});

test("where a period cannot be judged at its edge no change is looked for there, nor a share beyond it", () => {
  const among = (unready: Stretch, index: number) => {
    const tally = tallied(halfway(), [unready]);
    const { begins, ends, before, after } = tally.among(index) ?? assert.fail();
    const at = (cell: number): number => ((tally.cells[cell]?.fromMs ?? NaN) - START_MS) / 1000;
    return { begins: [at(begins.from), at(begins.to)], ends: [at(ends.from), at(ends.to)], before, after };
  };
  const atForty = [39.4, 40.6];
  const atTheEnd = 60;
  // Its beginning, and its end.
  assert.deepEqual(among(stretch(29, 31), 0), { begins: [31.6, 31.6], ends: atForty, before: null, after: 1 });
  assert.deepEqual(among(stretch(38, 39), 0), { begins: [29.4, 30.6], ends: [37.4, 37.4], before: 0, after: null });
  // The neighbour's end, and the neighbour's beginning.
  assert.deepEqual(among(stretch(38, 39), 1), {
    begins: atForty,
    ends: [atTheEnd, atTheEnd],
    before: null,
    after: null,
  });
  assert.deepEqual(among(stretch(41, 42), 0), { begins: [29.4, 30.6], ends: atForty, before: 0, after: null });
  // The neighbour as a whole.
  assert.deepEqual(among(stretch(29, 39.4), 1), {
    begins: atForty,
    ends: [atTheEnd, atTheEnd],
    before: null,
    after: null,
  });
  assert.deepEqual(among(stretch(40.6, 61), 0), {
    begins: [29.4, 30.6],
    ends: atForty,
    before: 0,
    after: null,
  });
  assert.equal(tallied(halfway(), [stretch(29, 41)]).among(0), null);
});

test("a neighbour too short to have been taken up has no share that could be asked for", () => {
  const shares = (until: number): (number | null | undefined)[] => {
    const story = steadyLoad(planOf())
      .at(11)
      .status("100,100|0,0")
      .at(30)
      .route({ [OLD]: 50, [NEW]: 50 })
      .at(40)
      .route({ [OLD]: 25, [NEW]: 75 })
      .at(until)
      .route({ [OLD]: 0, [NEW]: 100 })
      .at(60)
      .action("stop-load");
    const tally = tallied(story);
    return [tally.among(0)?.after, tally.among(2)?.before];
  };
  assert.deepEqual(shares(41.2), [null, null]);
  assert.deepEqual(shares(41.201), [0.75, 0.75]);
});

/** The story with a power of two of answers in each of some bins, the even ones by the new side. */
function powersOfTwo(...seconds: number[]): StoryWriter {
  const story = halfway();
  for (const [index, second] of seconds.entries())
    story.answered(ms(second), index % 2 === 0 ? NEW : OLD, "v1", 2 ** index);
  return story;
}

test("what is certain of a period lies between when the gateway must have taken it up and when it may have given it up", () => {
  const tally = tallied(powersOfTwo(30.6, 30.7, 35, 39.2, 39.3, 40.6, 40.7, 59.9), [], 50);
  assert.deepEqual(tally.certain(0), { n: 2 + 4 + 8, k: 4 });
  // The last one goes on to the stop.
  assert.deepEqual(tally.certain(1), { n: 64 + 128, k: 64 });
  assert.deepEqual(tally.certain(2), { n: 0, k: 0 });
});

test("where only a part of a period can be judged, all of it is certain", () => {
  const late = tallied(powersOfTwo(31.5, 31.6, 39.3, 39.4), [stretch(29, 31)]);
  assert.deepEqual(late.certain(0), { n: 2 + 4, k: 4 });
  const early = tallied(powersOfTwo(30.5, 30.6, 37.3, 37.4), [stretch(38, 39)]);
  assert.deepEqual(early.certain(0), { n: 2 + 4, k: 4 });
  assert.deepEqual(tallied(powersOfTwo(35, 36), [stretch(29, 41)]).certain(0), { n: 0, k: 0 });
});

test("of a period that is too short nothing is certain", () => {
  const story = powersOfTwo(40.5, 40.6, 40.7)
    .at(41.2)
    .route({ [OLD]: 10, [NEW]: 90 });
  assert.deepEqual(tallied(story).certain(1), { n: 0, k: 0 });
});

const PATIENCE = new Map([["steady", { holdsMs: 0, requestTimeoutMs: 10_000 }]]);
const SLOW = new Map([["steady", { holdsMs: 3000, requestTimeoutMs: 13_000 }]]);
const answeredAfter = (second: number, waitedMs: number, count = 5): LedgerLine => ({
  ...{
    type: "answered",
    seq: 1,
    binMs: ms(second),
    client: "steady",
    cluster: NEW,
    version: "v2",
    connection: "reused",
  },
  ...{ count, latency: { [String(bucketOf(waitedMs))]: count } },
});

/** What becomes of a row: how many of it are counted, and how many are nobody's in each period. */
function placed(
  row: LedgerLine,
  patience: ReadonlyMap<string, Patience> = PATIENCE,
  story: StoryWriter = halfway(),
): [counted: number, nobodys: number[]] {
  const tally = new ShareTally(timelineOfStory(story), [], 0, patience);
  tally.observe(row);
  const counted = tally.cells.reduce((sum, { n }) => sum + n, 0);
  return [counted, tally.periods.map(({ unattributed }) => unattributed)];
}

test("requests that wait until the weight is another one are nobody's, in each period that they waited in (defect: a data plane that comes back is called unfair)", () => {
  assert.deepEqual(placed(answeredAfter(36, 5000)), [0, [5, 5]]);
  assert.deepEqual(placed(answeredAfter(29.9, 11_000)), [0, [5, 5]]);
  assert.deepEqual(placed(answeredAfter(29.9, 2000)), [0, [5, 0]]);
});

test("what is answered before, in time, or by design that late is counted where it began (defect: nothing left to judge)", () => {
  assert.deepEqual(placed(answeredAfter(36, 3000)), [5, [0, 0]]);
  assert.deepEqual(placed(answeredAfter(39.5, 990)), [5, [0, 0]]);
  assert.deepEqual(placed(answeredAfter(39, 3500), SLOW), [5, [0, 0]]);
  assert.deepEqual(placed(answeredAfter(45, 5000)), [5, [0, 0]]);
  assert.deepEqual(placed(answeredAfter(36, 5000), new Map()), [5, [0, 0]]);
});

test("of a row only those that waited are left out (defect: the prompt ones beside them lost)", () => {
  const row = {
    ...answeredAfter(36, 5000),
    count: 7,
    latency: { [String(bucketOf(5000))]: 3, [String(bucketOf(5))]: 4 },
  };
  assert.deepEqual(placed(row as LedgerLine), [4, [3, 3]]);
});

test("what began with a weight is of that period and of later ones, not of the one before (defect: a step that is over is not judged for what came after it)", () => {
  assert.deepEqual(placed(answeredAfter(30, 5000)), [5, [0, 0]]);
  const steps = steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(40)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(50)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(60)
    .action("stop-load");
  const patient = new Map([["steady", { holdsMs: 0, requestTimeoutMs: 20_000 }]]);
  assert.deepEqual(placed(answeredAfter(40, 11_000), patient, steps), [0, [0, 5, 5]]);
  assert.deepEqual(placed(answeredAfter(45, 6000), patient, steps), [0, [0, 5, 5]]);
});
