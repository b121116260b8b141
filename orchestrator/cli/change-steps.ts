import { needsNode, nodeOf } from "../change/faults/fault.ts";
import type { BegunFault, NodeFaults } from "../change/faults/fault.ts";
import { beginFault } from "../change/faults/index.ts";
import { waitBegun, waitConverged, waitDrained, waitInPlace, waitRecovered } from "../change/endings.ts";
import { Goals } from "../change/goals.ts";
import { waitOperatorLeads } from "../change/operator-leads.ts";
import { waitOperatorTookOver } from "../change/operator-took-over.ts";
import { setOperatorVersion } from "../change/operator-version.ts";
import { waitPlatformActs } from "../change/platform-acts.ts";
import { waitForState } from "../change/rayservice.ts";
import type { RayServiceName } from "../change/rayservice.ts";
import { setSuspended } from "../change/suspend.ts";
import { momentNow, waitUntil } from "../change/when.ts";
import type { Direction, Moment } from "../change/when.ts";
import { deadlineMs, type DeadlineName } from "../plan/deadlines.ts";
import type { Action } from "../history/observation.ts";
import { DeadlineError } from "../plan/errors.ts";
import { faultText, takesPods } from "../plan/faults.ts";
import { STEADY_SECONDS } from "../plan/outline.ts";
import { stepsOf, type Plan } from "../plan/plan.ts";
import { outcomeOf } from "../plan/scenario.ts";
import { whenText } from "../plan/step-text.ts";
import { isGoalStep, type Goal, type GoalStep, type Step } from "../plan/steps.ts";
import { beginDeadline, goalSteps, wayOf } from "../plan/way.ts";
import { changedApplication } from "./changed-application.ts";
import type { Phase } from "./progress.ts";
import type { RunParts } from "./run.ts";

/** What a change needs of a run; its signal also ends it when the load does. */
type ChangeParts = Pick<RunParts, "kube" | "plan" | "progress" | "clock" | "signal"> & {
  readonly recording: Pick<RunParts["recording"], "observe">;
  /** What can be done to the node; undefined where it is somebody else's. */
  readonly node: NodeFaults | undefined;
  /** Name of the k6 Job. */
  readonly loadJob: string;
};

/** How far a change came. What it means is the judge's to say. */
export type ChangeOutcome = "completed" | "never-converged" | "window-missed";

/** A result, and what kept the change from going on as it should, for people and for the record. */
interface ChangeResult {
  readonly outcome: ChangeOutcome;
  readonly reason?: string;
}

/** What became of a wait. */
type Waited<T> = { readonly reached: true; readonly value: T } | { readonly reached: false; readonly reason: string };

/**
 * The value, or the deadline's own words: what was awaited, for how long, and what was last seen. What may fail to happen by its deadline
 * is no error: the recording shows it, and the judge judges it. Other errors pass through.
 */
export async function inTime<T>(what: Promise<T>, signal: AbortSignal): Promise<Waited<T>> {
  try {
    return { reached: true, value: await what };
  } catch (error) {
    // A deadline may also be the reason for which everything was ended.
    if (error instanceof DeadlineError && !signal.aborted) return { reached: false, reason: error.message };
    throw error;
  }
}

/**
 * Takes the plan's steps under load, waits for where they lead, until the RayClusters that they end have no pod any more and the grace period is
 * over.
 */
export async function makeChange(parts: ChangeParts): Promise<ChangeResult> {
  const { plan, progress } = parts;
  const phase = progress.phase(`${plan.scenario}, ${plan.strategy.name}`);
  try {
    await using change = await Change.begin(parts, phase);
    return await change.make();
  } catch (error) {
    // An error that ends a phase is told in its own line too.
    phase.fail(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** A change under way, with what it has begun and must end. */
class Change implements AsyncDisposable {
  readonly #steps: readonly Step[];
  readonly #service: RayServiceName;
  readonly #lasting: Promise<void>[] = [];
  readonly #over = new AbortController();
  #direction: Direction = "forward";
  /** The goal of the pending RayCluster that is made, or was made last. */
  #pendingGoal: Goal | undefined;
  /** Uids of the pods that faults have taken away; the last fault's first. */
  #taken: readonly (readonly string[])[] = [];
  /** Whether another pod is the operator now. */
  #isOperatorReplaced = false;
  /** Whether something has broken that the application has to get over. */
  #isDisturbed = false;
  /** Settles when the API server answers again, where a step has stopped it. */
  #answering: Promise<unknown> = Promise.resolve();
  /** When the API server, where a step has stopped it, was first seen to answer again, Unix ms. */
  #answeredMs: number | undefined;
  #moment: Moment | undefined;
  /** The RayCluster that serves in the end, where others have come or gone. */
  #active: string | undefined;

  private constructor(
    readonly parts: ChangeParts,
    readonly phase: Phase,
    readonly goals: Goals,
    readonly activeBefore: string,
  ) {
    this.#steps = stepsOf(parts.plan);
    this.#service = serviceOf(parts.plan);
  }

  static async begin(parts: ChangeParts, phase: Phase): Promise<Change> {
    const { kube, plan, clock, signal, node } = parts;
    // Before anything is changed.
    for (const step of stepsOf(plan)) if (step.do === "fault" && needsNode(step.fault)) nodeOf(step.fault, { node });
    const waiting = { deadlineMs: deadlineMs(plan, "upgradeBegins"), signal };
    const activeBefore = await waitForState(kube, serviceOf(plan), "An active RayCluster", waiting, ({ active }) =>
      active.rayClusterName === "" ? undefined : active.rayClusterName,
    );
    return new Change(
      parts,
      phase,
      new Goals(kube, serviceOf(plan), await changedApplication(plan), clock),
      activeBefore,
    );
  }

  async make(): Promise<ChangeResult> {
    for (const [index, step] of this.#steps.entries()) {
      const stuck = await this.#take(step, index);
      if (stuck !== undefined) return stuck;
    }
    const ended = (await this.#untilMended()) ?? (await this.#untilEnded());
    if (ended !== undefined) return ended;
    const drained = await this.#untilDrained();
    // The load goes on for a stated time after that: the time is the condition.
    const { plan, clock, signal } = this.parts;
    await clock.sleep(plan.load.graceMs, signal);
    return { outcome: "completed", ...drained };
  }

  /** What still lasts is undone at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort(new Error("The change is over."));
    await Promise.allSettled(this.#lasting);
  }

  async #take(step: Step, index: number): Promise<Required<ChangeResult> | undefined> {
    const waited = await this.#inTime(this.#untilMoment(step));
    if (!waited.reached) return this.#stuck(waited.reason);
    const moment = waited.value;
    // Where a stated time alone is waited for, what changes no goal may come after the change's end as well.
    const mayBeLate = !isGoalStep(step) && step.when !== undefined && ("seconds" in step.when || "gone" in step.when);
    if (moment?.reached === false && !mayBeLate) {
      const reason = `traffic was at ${String(moment.pendingTraffic)} % when it was first seen beyond the window`;
      return this.#stuck(reason, "window-missed");
    }
    this.#moment = moment;
    if (moment?.stuck !== undefined) this.phase.update(moment.stuck);
    await this.#answering;
    return isGoalStep(step) ? this.#setGoal(step) : this.#act(step, index);
  }

  /** Where the change stands when a step's time has come; undefined where that says nothing. */
  async #untilMoment(step: Step): Promise<Moment | undefined> {
    const { kube } = this.parts;
    const [faulted = []] = this.#taken;
    const waiting = { ...this.#waiting("converged"), direction: this.#direction, faulted };
    if (step.when !== undefined) {
      this.phase.update(`waiting: ${whenText(step.when)}`);
      return waitUntil(kube, this.#service, step.when, waiting);
    }
    return isGoalStep(step) && !this.#isFirstGoal(step) ? momentNow(kube, this.#service, waiting) : undefined;
  }

  #isFirstGoal(step: Step): boolean {
    return goalSteps(this.#steps)[0] === step;
  }

  async #setGoal(step: GoalStep): Promise<Required<ChangeResult> | undefined> {
    const { kube } = this.parts;
    const isFirst = this.#isFirstGoal(step);
    const { facts, activeCluster } = await this.goals.set(step);
    const { pendingCluster, pendingTraffic, stuck } = this.#moment ?? {};
    const where = isFirst
      ? { activeCluster }
      : { pendingCluster, pendingTraffic, ...(stuck === undefined ? {} : { stuck }) };
    const action = isFirst ? "trigger" : step.do === "rollback" ? "rollback" : "change";
    this.#record(action, { ...facts, ...where });
    this.#turnTo(facts.goal);
    if (!isFirst) {
      this.phase.update(
        `${step.do === "rollback" ? "taken back" : "changed"} at ${String(pendingTraffic)} % of the traffic`,
      );
      return undefined;
    }
    if (step.do === "in-place") return undefined;
    this.phase.update("waiting for the operator to begin");
    const waiting = this.#waiting(beginDeadline(this.#steps));
    const begun = await this.#inTime(waitBegun(kube, this.#service, waiting));
    return begun.reached ? undefined : this.#stuck(begun.reason);
  }

  /** Where traffic goes once a goal is set: to the pending RayCluster if it is its own, back otherwise, and then to another one. */
  #turnTo(goal: Goal): void {
    if (goal === "before") {
      this.#direction = "back";
      return;
    }
    const isNext = this.#pendingGoal !== undefined && this.#pendingGoal !== goal;
    this.#direction = isNext ? "back-then-forward" : "forward";
    this.#pendingGoal = goal;
  }

  async #act(step: Exclude<Step, GoalStep>, index: number): Promise<undefined> {
    const { kube, clock, plan, signal } = this.parts;
    switch (step.do) {
      case "fault":
        return this.#fault(step, index);
      case "operator": {
        this.phase.update(`operator to ${step.version}`);
        const askedAtMs = clock.wallMs();
        const waiting = { deadlineMs: deadlineMs(plan, "recovered"), signal };
        const facts = await setOperatorVersion(kube, step.version, waiting);
        this.#isOperatorReplaced = true;
        if (step.takenOver !== false) await waitOperatorTookOver(kube, this.#service, step.version, waiting);
        this.#record("operator", { index, askedAtMs, ...facts });
        return undefined;
      }
      case "suspend":
      case "resume": {
        const askedAtMs = clock.wallMs();
        const facts = await setSuspended(kube, this.#service, step.of, step.do === "suspend");
        this.#isDisturbed = true;
        this.#record(step.do, { index, askedAtMs, ...facts });
        return undefined;
      }
    }
  }

  async #fault({ fault }: Extract<Step, { do: "fault" }>, index: number): Promise<undefined> {
    const { kube, clock, signal, node, loadJob } = this.parts;
    this.phase.update(faultText(fault));
    const within = AbortSignal.any([signal, this.#over.signal]);
    const gatewayController = this.parts.plan.gateway.controller;
    const context = { kube, application: this.#service, gatewayController, clock, signal: within, node, loadJob };
    const begun: BegunFault = await beginFault(fault, context);
    this.#record("fault", { index, fault, text: faultText(fault), ...begun.facts });
    this.#isDisturbed = true;
    if ("target" in fault && fault.target === "operator" && takesPods(fault)) this.#isOperatorReplaced = true;
    if (takesPods(fault)) this.#taken = [begun.facts.pods.map(({ uid }) => uid), ...this.#taken];
    const lasting = begun.ended?.then((facts) => {
      this.#record("fault-ended", { index, ...facts });
    });
    if (lasting !== undefined) {
      // Told when it is waited for.
      lasting.catch(() => undefined);
      this.#lasting.push(lasting);
      if (fault.kind === "stop-api-server") {
        this.#answering = lasting.then(() => {
          this.#answeredMs = clock.wallMs();
        });
        this.#answering.catch(() => undefined);
      }
    }
    return undefined;
  }

  /** Waits until what faults have broken of the platform is whole; a result only where that does not come. */
  async #untilMended(): Promise<Required<ChangeResult> | undefined> {
    const mend = async (): Promise<void> => {
      await Promise.all([...this.#lasting, this.#answering]);
      if (this.#answeredMs !== undefined) {
        this.phase.update("waiting for operator and gateway to act again");
        const waiting = { ...this.#waiting("recovered"), sinceMs: this.#answeredMs };
        const { namespace } = this.#service;
        const { controller } = this.parts.plan.gateway;
        await waitPlatformActs(this.parts.kube, { namespace, controller }, waiting);
      }
      if (!this.#isOperatorReplaced) return;
      this.phase.update("waiting for the operator to act again");
      await waitOperatorLeads(this.parts.kube, this.#waiting("recovered"));
    };
    const mended = await this.#inTime(mend());
    return mended.reached ? undefined : this.#stuck(mended.reason);
  }

  /** Waits for where the steps lead; a result only where that does not come. */
  async #untilEnded(): Promise<Required<ChangeResult> | undefined> {
    const { kube, clock, plan, signal } = this.parts;
    const last = goalSteps(this.#steps).at(-1);
    const { cluster, version } = outcomeOf(this.#steps);
    if (this.#steps.length === 0) {
      this.#record("watching", {});
      this.phase.update("nothing is changed");
      await clock.sleep(STEADY_SECONDS * 1000, signal);
    }
    if (last === undefined) {
      const stuck = await this.#untilRecovered(this.activeBefore);
      if (stuck === undefined) this.phase.done("as it was");
      return stuck;
    }
    if (last.do === "in-place") {
      this.phase.update("waiting for every replica to have the new version");
      const { versionAfter } = plan.application;
      const done = await this.#inTime(waitInPlace(kube, this.#service, versionAfter, this.#waiting("converged")));
      if (!done.reached) return this.#stuck(done.reason);
      this.#record("in-place-done", {});
      const stuck = this.#isDisturbed ? await this.#untilRecovered(this.activeBefore) : undefined;
      if (stuck !== undefined) return stuck;
      this.phase.done(`every replica has ${versionAfter}`);
      return undefined;
    }
    this.phase.update(cluster === "new" ? "waiting for the promotion" : "waiting for the old side to be alone");
    const waiting = this.#waiting(version === "before" ? "rolledBack" : "converged");
    // What is replaced under way first leads back.
    if (wayOf(this.#steps) === "third") waiting.deadlineMs += deadlineMs(plan, "rolledBack");
    const converged = await this.#inTime(waitConverged(kube, this.#service, cluster, waiting));
    if (!converged.reached) return this.#stuck(converged.reason);
    this.#active = converged.value;
    // What a fault took may be gone only now, and the application has yet to get over it.
    const stuck = this.#isDisturbed ? await this.#untilRecovered(converged.value) : undefined;
    if (stuck === undefined) this.phase.done(converged.value === this.activeBefore ? "rolled back" : "promoted");
    return stuck;
  }

  async #untilRecovered(active: string): Promise<Required<ChangeResult> | undefined> {
    this.phase.update("waiting for the application to get over it");
    const waiting = { ...this.#waiting("recovered"), active, taken: this.#taken.flat() };
    const recovered = await this.#inTime(waitRecovered(this.parts.kube, this.#service, waiting));
    if (!recovered.reached) return this.#stuck(recovered.reason);
    this.#record("recovered", {});
    return undefined;
  }

  async #untilDrained(): Promise<{ readonly reason?: string }> {
    const { kube, progress } = this.parts;
    const { namespace } = this.#service;
    const active = this.#active;
    if (active === undefined) return {};
    const phase = progress.phase("pods of what is no more");
    const { deadlineMs: ms, signal } = this.#waiting("drained");
    try {
      const drained = await this.#inTime(waitDrained(kube, { namespace, active }, { deadlineMs: ms, signal }));
      if (drained.reached) phase.done("gone");
      else phase.fail(drained.reason);
      return drained.reached ? {} : { reason: drained.reason };
    } catch (error) {
      phase.fail(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  #inTime<T>(what: Promise<T>): Promise<Waited<T>> {
    return inTime(what, this.parts.signal);
  }

  #waiting(deadline: DeadlineName) {
    const { plan, clock, signal } = this.parts;
    return { deadlineMs: deadlineMs(plan, deadline), signal, clock, activeBefore: this.activeBefore };
  }

  #record(action: Action["action"], facts: Record<string, unknown>): void {
    this.parts.recording.observe({ type: "action", action, facts });
  }

  #stuck(reason: string, outcome: ChangeOutcome = "never-converged"): Required<ChangeResult> {
    this.phase.fail(reason);
    return { outcome, reason };
  }
}

function serviceOf({ application: { namespace, name } }: Plan): RayServiceName {
  return { namespace, name };
}
