import { staysInPlace } from "../plan/way.ts";
import type { Check } from "./check.ts";
import { invalid, pass } from "./finding.ts";
import { SlowestWindow } from "./slowest-window.ts";
import { StartedBins } from "./started-bins.ts";
import { loadStopMs } from "../history/timeline.ts";
import { seconds } from "../history/words.ts";

const id = "load-outlasts-change";

/** The runner's own wait for D and the recorder's watch may see it this far apart (ms). */
const TOLERANCE_MS = 500;

/** A load in which nothing was asked for so long (s) has a hole. */
const HOLE_SECONDS = 5;

interface State {
  readonly window: SlowestWindow;
  readonly bins: StartedBins;
}

/**
 * Load began at least a steady window before T0 and went on, without five seconds in which nothing was asked, for the grace period after D. Anything less proves nothing
 * about the part of the change without load, so this check is never `fail`, only invalid.
 *
 * Source: a disruption can only be seen by a request that was made, so the load has to span the change and the leaving side's end.
 */
export const loadOutlastsChange: Check<State> = {
  id,
  evidence: { watches: ["Pod"], ledger: false },
  init: () => {
    const window = new SlowestWindow(HOLE_SECONDS);
    const bins = new StartedBins((_binMs, started) => {
      window.push(started.size);
    });
    return { window, bins };
  },
  onLedger({ bins }, line, timeline) {
    bins.observe(line, timeline.steadyFromMs ?? Infinity, loadStopMs(timeline));
  },
  finish({ window }, { plan, timeline, account }) {
    const { loadStart, trigger, drained, stopLoad, loadEnded, ending } = timeline;
    const side = timeline.rollback === null ? "old" : "new";
    const inPlace = staysInPlace(timeline.made);
    const [begun, over] =
      timeline.made === "steady"
        ? ["the first fault", "the application was as before"]
        : ["the change", inPlace ? "it was complete" : `the ${side} RayCluster's last pod was gone`];
    if (trigger === null)
      return invalid(id, timeline.made === "steady" ? "No fault was ever made." : "The change was never made.");
    if (loadStart === null) return invalid(id, "The load was never started.");
    if (account.firstStartMs === null) return invalid(id, "The load made no request.");
    // By the ledger: the runner writes load-start only when it has seen the first requests, half a second after them.
    const beforeMs = trigger.wallMs - account.firstStartMs;
    const neededMs = plan.load.warmUpSeconds * 1000;
    const ends = [stopLoad, loadEnded].flatMap((instant) => instant ?? []);
    const afterMs =
      drained === null || ends.length === 0 ? null : Math.min(...ends.map((end) => end.monoMs)) - drained.monoMs;
    const figures = { secondsBefore: beforeMs / 1000, secondsAfter: afterMs === null ? null : afterMs / 1000 };
    if (beforeMs < neededMs) {
      return invalid(
        id,
        `Load began ${seconds(beforeMs)} before ${begun}, less than the steady window of ${seconds(neededMs)}.`,
        figures,
      );
    }
    if (drained === null) {
      return invalid(
        id,
        inPlace
          ? `The record does not say that ${over}, so it ends too early.`
          : `The last pod of ${ending ?? `the ${side} RayCluster`} was never seen to go, so the change outlasted the record.`,
        figures,
      );
    }
    if (afterMs === null) return invalid(id, "The end of the load was not recorded.", figures);
    if (afterMs < plan.load.graceMs - TOLERANCE_MS) {
      const when = afterMs < 0 ? `${seconds(-afterMs)} before` : `${seconds(afterMs)} after`;
      return invalid(id, `Load ended ${when} ${over}; the grace period is ${seconds(plan.load.graceMs)}.`, figures);
    }
    if (plan.load.graceMs >= 1000 && (account.lastStartMs ?? 0) < drained.wallMs) {
      return invalid(id, `No request was made after ${over}.`, figures);
    }
    // Of an open model rate-held says more; a closed one has no rate that it could fall short of.
    if (window.slowest()?.started === 0)
      return invalid(id, "For five seconds no request was started, so the load had a hole.", figures);
    return pass(
      id,
      `Load began ${seconds(beforeMs)} before ${begun} and ended ${seconds(afterMs)} after ${inPlace ? over : `the ${side} pods were gone`}.`,
      figures,
    );
  },
};
