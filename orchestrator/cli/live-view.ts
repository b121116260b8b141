import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import type { Clock } from "../kube/clock.ts";
import type { Plan } from "../plan/plan.ts";
import type { Recording } from "../recording/writer.ts";
import { liveLines } from "../report/live/live-lines.ts";
import { LiveRun } from "../report/live/live-run.ts";
import type { LiveState } from "../report/live/live-state.ts";
import { plainLine } from "../report/live/plain-line.ts";
import type { Block, Phase, Progress } from "./progress.ts";

/** People's view of a run while it runs. It never changes or ends the run: a failure of its own switches it off, and it says so. */
export interface LiveView extends Disposable {
  /** The same recording, whose lines are also seen here. */
  watching(recording: Recording): Recording;
  /** Shows the run from now on: as a block on a terminal, else as news of this phase. Ends by itself when the load has ended. */
  show(phase: Phase): void;
}

/** A view of a run that is shown on `progress`. Follows what is recorded from the beginning, so that it knows everything when it is shown. */
export function liveView({
  plan,
  progress,
  clock,
}: {
  readonly plan: Plan;
  readonly progress: Progress;
  readonly clock: Pick<Clock, "wallMs" | "monoMs">;
}): LiveView {
  const run = new LiveRun(plan);
  let phase: Phase | undefined;
  let block: Block | undefined;
  let told = "";
  let isOff = false;

  const end = (): void => {
    block?.[Symbol.dispose]();
    block = undefined;
    phase = undefined;
  };
  /** Does what a run must not fail of. */
  const safely = <T>(act: () => T): T | undefined => {
    if (isOff) return undefined;
    try {
      return act();
    } catch (error) {
      isOff = true;
      const why = error instanceof Error ? error.message : String(error);
      block?.[Symbol.dispose]();
      block = undefined;
      progress.note(`The live view of the run is switched off, as it failed: ${why}. The run goes on.`);
      return undefined;
    }
  };
  const tell = (): void => {
    if (phase === undefined) return;
    const state = run.state();
    const key = keyOf(state);
    const line = plainLine(state, clock.monoMs());
    // The warm-up's own phase counts its seconds: only why requests fail is not told there.
    const isToldThere = state.phase === "warming-up" && !(isFailing(state) && key !== told);
    if (!isToldThere) phase[key === told ? "update" : "news"](line);
    told = key;
    block?.changed();
  };
  const onObservation = (line: Observation): void => {
    run.observe(line);
    if (line.type === "action" || line.type === "object") tell();
    if (line.type === "action" && line.action === "load-ended") end();
  };
  const onLedger = (line: LedgerLine): void => {
    run.ledger(line, clock.monoMs());
    // Rows come by the hundred, and a heartbeat after them.
    if (line.type === "heartbeat") tell();
  };

  return {
    watching: (recording) => ({
      ...recording,
      observe(observation) {
        recording.observe(observation);
        safely(() => {
          onObservation({ ...observation, wallMs: clock.wallMs(), monoMs: clock.monoMs() });
        });
      },
      ledger(line) {
        recording.ledger(line);
        safely(() => {
          onLedger(line);
        });
        // Without the view its phase still says the least.
        if (isOff && line.type === "heartbeat") phase?.update(totals(line));
      },
    }),
    show(shown) {
      phase = shown;
      safely(() => {
        block = progress.block(
          ({ width, colour }) => safely(() => liveLines(run.state(), { nowMs: clock.monoMs(), width, colour })) ?? [],
        );
      });
    },
    [Symbol.dispose]: end,
  };
}

/** What changes when there is something to tell at once. */
function keyOf(state: LiveState): string {
  const { phase, rollout, fault } = state;
  const broken = fault === null ? "" : `${String(fault.atMs)} ${String(fault.endedMs)}`;
  return [phase, rollout, broken, isFailing(state) ? "failing" : ""].join(" ");
}

function isFailing({ load }: LiveState): boolean {
  return (load?.failedLately ?? 0) > 0;
}

function totals({ answered, failed, hanging, inFlight }: Extract<LedgerLine, { type: "heartbeat" }>): string {
  return `${answered} answered, ${failed + hanging} failed, ${inFlight} in flight`;
}
