import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { aggressiveUpgrade, planOf, START_MS } from "../checks/testing.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import type { Recording } from "../recording/writer.ts";
import { liveView } from "./live-view.ts";
import { createProgress } from "./progress.ts";
import { Screen } from "./testing/screen.ts";

/** A recording that keeps the types of its lines, or cannot be written to. */
function recordingInto(kept: string[], fails?: Error): Recording {
  const keep = ({ type }: { readonly type: string }): void => {
    if (fails !== undefined) throw fails;
    kept.push(type);
  };
  return {
    directory: "",
    observe: keep,
    ledger: keep,
    writeText: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A view of the aggressive upgrade's story, and what tells it line by line up to a second. */
function viewed(context: TestContext, { live, monoMs }: { readonly live: boolean; readonly monoMs?: () => number }) {
  context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const story = aggressiveUpgrade().finish();
  let time = 0;
  let written = "";
  const screen = new Screen(80, 24);
  const write = (text: string): void => {
    written += text;
    screen.write(text);
  };
  const progress = createProgress({ stream: { write, columns: 80, rows: 24 }, now: () => time, live });
  const clock = { monoMs: monoMs ?? (() => time), wallMs: () => START_MS + time };
  const view = liveView({ plan: story.plan, progress, clock });
  const kept: string[] = [];
  const recording = view.watching(recordingInto(kept));
  const lines: { readonly atMs: number; readonly tell: () => void }[] = [
    ...story.observations.map((line: Observation) => ({ atMs: line.monoMs, tell: () => recording.observe(line) })),
    ...ledgerOf(story.ledger).map(({ atMs, line }) => ({ atMs, tell: () => recording.ledger(line) })),
  ].sort((a, b) => a.atMs - b.atMs);
  const until = (second: number): void => {
    for (let next = lines[0]; next !== undefined && next.atMs <= second * 1000; next = lines[0]) {
      context.mock.timers.tick(Math.max(0, next.atMs - time));
      time = Math.max(time, next.atMs);
      next.tell();
      lines.shift();
    }
    context.mock.timers.tick(second * 1000 - time);
    time = second * 1000;
  };
  return { view, progress, screen, kept, until, text: () => written };
}

/** Rows of the ledger, each with the time of the heartbeat after it, by the recording's clock; a story's heartbeats tell its end's totals. */
function ledgerOf(ledger: readonly LedgerLine[]): { readonly atMs: number; readonly line: LedgerLine }[] {
  let atMs = 0;
  let answered = 0;
  return ledger
    .map((line) => {
      if (line.type === "answered") answered += line.count;
      return line.type === "heartbeat" ? { ...line, answered } : line;
    })
    .reverse()
    .map((line) => {
      if ("atMs" in line) atMs = line.atMs - START_MS;
      return { atMs, line };
    })
    .reverse();
}

test("the whole upgrade is followed from before it is shown, and its block is gone when the load has ended", (context) => {
  const { view, progress, screen, until, kept } = viewed(context, { live: true });
  until(1);
  const phase = progress.phase("load");
  view.show(phase);
  until(37);
  assert.deepEqual(screen.text, [
    "traffic moves · 27 s since the trigger · load for 36 s · aggressive 25/2/50",
    "  100 of 100 answers/s · p99 12 ms · 2 in flight · 3,600 answered",
    "  0 failed · 0 dropped",
    "  old app-abcde · v1 · share 62.5 % · weight 50 · 2 endpoints ready · 2 pods",
    "    capacity █████████████████████ 100 %   traffic ██████████▌░░░░░░░░░░  50 %",
    "  new app-fghij · v2 · share 37.5 % · weight 50 · 1 endpoint ready · 1 pod",
    "    capacity ██████████▌░░░░░░░░░░  50 %   traffic ██████████▌░░░░░░░░░░  50 %",
    "  next within 3 s: old capacity 50 %",
    "",
  ]);
  progress.note("a note");
  assert.deepEqual(screen.text.slice(0, 2), [
    "[  37.0 s] a note",
    "traffic moves · 27 s since the trigger · load for 36 s · aggressive 25/2/50",
  ]);
  until(80.5);
  assert.ok(!screen.text.some((line) => line.startsWith("  ")), screen.text.join("\n"));
  phase.done("stopped");
  assert.deepEqual(screen.text.join("\n").trimEnd().split("\n"), [
    "[  37.0 s] a note",
    "[  80.5 s] load: stopped (79.5 s)",
  ]);
  assert.ok(kept.includes("heartbeat") && kept.includes("object"));
  view[Symbol.dispose]();
});

test("plain lines come at once for a new phase or state and else every 5 s (defect: a step that a CI log misses, or a line per heartbeat)", (context) => {
  const { view, progress, until, text } = viewed(context, { live: false });
  until(1);
  view.show(progress.phase("load"));
  until(81);
  const lines = text().trimEnd().split("\n");
  assert.doesNotMatch(text(), /\u001b/);
  assert.deepEqual(lines.map((line) => line.replace(/^(\[.*?\]) load: ([^;]*).*$/, "$1 $2")).slice(0, 16), [
    "[   1.0 s] started",
    "[   5.0 s] steady, load for 4 s",
    "[  10.0 s] new cluster starts, 0 s since the trigger",
    "[  10.5 s] new cluster starts, 0 s since the trigger",
    "[  15.5 s] new cluster starts, 5 s since the trigger",
    "[  20.5 s] new cluster starts, 10 s since the trigger",
    "[  25.5 s] new cluster starts, 15 s since the trigger",
    "[  30.5 s] new cluster starts, 20 s since the trigger",
    "[  32.0 s] new cluster starts, 22 s since the trigger",
    "[  34.0 s] traffic moves, 24 s since the trigger",
    "[  34.3 s] traffic moves, 24 s since the trigger",
    "[  36.3 s] traffic moves, 26 s since the trigger",
    "[  38.5 s] traffic moves, 28 s since the trigger",
    "[  41.2 s] traffic moves, 31 s since the trigger",
    "[  43.6 s] traffic moves, 33 s since the trigger",
    "[  45.9 s] promoted, old cluster ends, 35 s since the trigger",
  ]);
});

test("what the warm-up's own phase tells has no second line, failures in it have (defect: each CI log counts the warm-up twice)", (context) => {
  const { view, progress, until, text } = viewed(context, { live: false });
  until(0.5);
  view.show(progress.phase("load"));
  until(4.5);
  assert.equal(text(), "[   0.5 s] load: started\n");
  const recording = view.watching(recordingInto([]));
  const row = { type: "heartbeat", seq: 1, settledMs: 0, issued: 10, inFlight: 0, oldestStartMs: null } as const;
  recording.ledger({ ...row, atMs: START_MS + 4600, answered: 350, failed: 3, hanging: 0, dropped: 0 });
  assert.match(text(), /\n\[ {3}4\.5 s\] load: warming up, .*, 3 failed \(3 in the last 10 s/);
});

test("failures that begin are told at once", (context) => {
  const { view, progress, until, text } = viewed(context, { live: false });
  until(20);
  const phase = progress.phase("load");
  view.show(phase);
  const recording = view.watching(recordingInto([]));
  const row = {
    type: "heartbeat",
    seq: 1,
    settledMs: 0,
    issued: 10,
    inFlight: 0,
    oldestStartMs: null,
    dropped: 0,
  } as const;
  recording.ledger({ ...row, atMs: START_MS + 20_100, answered: 2000, failed: 0, hanging: 0 });
  recording.ledger({ ...row, atMs: START_MS + 20_300, answered: 2000, failed: 3, hanging: 0 });
  recording.ledger({ ...row, atMs: START_MS + 20_500, answered: 2000, failed: 9, hanging: 0 });
  assert.deepEqual(text().match(/\d+ failed/g), ["0 failed", "3 failed"]);
});

test("a view that fails is switched off and says so; the run goes on, and its phase says the least (defect: a run that its picture ends)", (context) => {
  let time = 0;
  const { view, progress, screen, until, kept } = viewed(context, {
    live: true,
    monoMs: () => {
      if (time > 0) throw new Error("no clock");
      return 0;
    },
  });
  until(4);
  view.show(progress.phase("load"));
  time = 1;
  const before = kept.length;
  until(6);
  assert.ok(kept.length > before);
  assert.match(screen.text.join(" "), /The live view of the run is switched off, as it failed: no clock\. The/);
  assert.match(screen.text.filter((line) => line !== "").at(-1) ?? "", /load: \d+ answered, 0 failed, 2 in flight/);
  assert.equal(screen.text.filter((line) => line.includes("switched off")).length, 1);
});

test("an error of the recording is the run's to know (defect: a full disk that the view swallows)", () => {
  const progress = createProgress({ stream: { write: () => undefined }, now: () => 0, live: false });
  const view = liveView({ plan: planOf(), progress, clock: { monoMs: () => 0, wallMs: () => 0 } });
  const recording = view.watching(recordingInto([], new Error("no space")));
  assert.throws(() => recording.observe({ type: "action", action: "record-start", facts: {} }), /no space/);
});
