/**
 * For tests and developers only, a program of its own: `replay-live DIRECTORY [SPEED]` tells a recorded run again, SPEED times as fast (20
 * when left out), and shows it as `npm run load` does. It reads the recording and changes nothing. Ctrl-C ends it in order.
 */
import { realClock } from "../../kube/clock.ts";
import type { Recording } from "../../recording/writer.ts";
import { recordedRun } from "../../report/live/testing/replay.ts";
import { interruptible } from "../interrupt.ts";
import { liveView } from "../live-view.ts";
import { createProgress, isLive } from "../progress.ts";

const [directory = "", speed = "20"] = process.argv.slice(2);
const { plan, told } = await recordedRun(directory);
const { signal } = interruptible();
const startedAt = performance.now();
const beganMs = told[0]?.monoMs ?? 0;
const first = told.find((one) => "observation" in one);
const wallAheadMs = first === undefined ? 0 : first.observation.wallMs - first.monoMs;
const monoMs = (): number => beganMs + (performance.now() - startedAt) * Number(speed);
const clock = { monoMs, wallMs: () => monoMs() + wallAheadMs };

/** Nothing is recorded again. */
const nowhere: Recording = {
  directory,
  observe: () => undefined,
  ledger: () => undefined,
  writeText: () => Promise.resolve(),
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const live = isLive(process.stderr, process.env);
const colour = (process.env["NO_COLOR"] ?? "") === "";
try {
  using progress = createProgress({ stream: process.stderr, now: monoMs, live, colour });
  using view = liveView({ plan, progress, clock });
  const recording = view.watching(nowhere);
  const phase = progress.phase("load");
  view.show(phase);
  for (const one of told) {
    const waitMs = (one.monoMs - monoMs()) / Number(speed);
    if (waitMs > 0) await realClock.sleep(waitMs, signal);
    if ("observation" in one) {
      if (one.observation.type === "action") progress.note(`action: ${one.observation.action}`);
      recording.observe(one.observation);
    } else {
      for (const row of one.rows) recording.ledger(row);
    }
  }
  phase.done("told");
} catch (error) {
  if (!signal.aborted) throw error;
  process.stderr.write(`${String(error instanceof Error ? error.message : error)}\n`);
  process.exitCode = 130;
}
// The listeners for signals would keep the process.
process.exit();
