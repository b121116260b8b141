import { waitForState } from "../../change/rayservice.ts";
import { waitUntil } from "../../change/when.ts";
import type { TamperedRun } from "../../cli/tampering.ts";
import { within } from "../../load/waiting.ts";
import { deadlineMs, type DeadlineName } from "../../plan/deadlines.ts";
import { SetUpError } from "../../plan/errors.ts";
import type { Recording } from "../../recording/writer.ts";
import { momentText, type Moment } from "../moment.ts";
import { through } from "../spoil/through.ts";

/** Tells the moments of a run: those of the runner's own by what it records, those of the change by a watch of its own. */
export class Moments {
  readonly #steady = Promise.withResolvers<undefined>();
  readonly #triggered = Promise.withResolvers<undefined>();

  /** The recording by which the runner's moments are told. */
  readonly noting = (recording: Recording): Recording =>
    through(recording, {
      observed: (line) => {
        if (line.type !== "action") return;
        if (line.action === "warm-up-steady") this.#steady.resolve(undefined);
        if (line.action === "trigger") this.#triggered.resolve(undefined);
      },
    });

  /**
   * Resolves at a moment of a run whose load runs.
   *
   * @throws DeadlineError when it does not come in time; SetUpError when it was missed; the signal's reason.
   */
  async reached(moment: Moment, on: TamperedRun): Promise<void> {
    await this.#reached(moment, on);
    if (moment.after !== undefined) await on.clock.sleep(moment.after * 1000, on.signal);
  }

  async #reached(moment: Moment, on: TamperedRun): Promise<void> {
    const { kube, plan, clock, signal } = on;
    if ("at" in moment && moment.at === "start") return;
    const awaiting = (promise: Promise<undefined>, what: string, deadline: DeadlineName): Promise<undefined> =>
      within(promise, what, deadlineMs(plan, deadline), () => "nothing of it on record", { clock, signal });
    const service = { namespace: plan.application.namespace, name: plan.application.name };
    const activeBefore = await waitForState(
      kube,
      service,
      "An active RayCluster",
      { deadlineMs: deadlineMs(plan, "upgradeBegins"), signal },
      ({ active }) => (active.rayClusterName === "" ? undefined : active.rayClusterName),
    );
    await awaiting(this.#steady.promise, momentText({ at: "steady" }), "warmUp");
    if ("at" in moment && moment.at === "steady") return;
    await awaiting(this.#triggered.promise, momentText({ at: "trigger" }), "upgradeBegins");
    if ("at" in moment && moment.at === "trigger") return;
    const waiting = { deadlineMs: deadlineMs(plan, "converged"), signal };
    const what = momentText({ ...moment, after: undefined });
    if ("at" in moment) {
      await waitForState(kube, service, what, waiting, ({ active, pending }) =>
        pending.rayClusterName === "" && active.rayClusterName !== "" && active.rayClusterName !== activeBefore
          ? true
          : undefined,
      );
      return;
    }
    const { reached, pendingTraffic } = await waitUntil(
      kube,
      service,
      { traffic: moment.traffic },
      { ...waiting, activeBefore, direction: "forward", clock, faulted: [] },
    );
    if (!reached) throw new SetUpError(`${what} was never seen; the traffic went on to ${String(pendingTraffic)} %.`);
  }
}
