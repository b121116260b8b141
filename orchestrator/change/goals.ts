import type { Clock } from "../kube/clock.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { SetUpError } from "../plan/errors.ts";
import { goalOf, type Goal, type GoalStep } from "../plan/steps.ts";
import { RAY_SERVICE, stateOf } from "./rayservice.ts";
import type { RayServiceName } from "./rayservice.ts";
import { changeSpec, nameOf } from "./spec-change.ts";
import type { ChangedApplication, GoalOperations } from "./changed-application.ts";
import type { Spec, SpecFacts } from "./spec-change.ts";

/** The facts of a change of the spec, for the record. */
interface GoalFacts {
  readonly goal: Goal;
  readonly before: SpecFacts;
  readonly after: SpecFacts;
  /** When the patch was about to be sent (Unix ms): its answer, and the watch, may tell of it late. */
  readonly askedAtMs: number;
}

/** Sets goals on one RayService, one after another, and remembers what the spec was for each. */
export class Goals {
  readonly #specs = new Map<Goal, Spec>();
  #last: Goal = "before";

  constructor(
    readonly kube: Kube,
    readonly service: RayServiceName,
    readonly application: ChangedApplication,
    readonly clock: Pick<Clock, "wallMs">,
  ) {}

  /**
   * Changes the RayService's spec to a step's goal; to one that it was given before exactly as it was then. The first goal needs a RayService
   * with nothing pending.
   *
   * @returns facts for the record, and the RayCluster that is active.
   * @throws SetUpError when a change is under way at the first goal, when nothing would change, or when the server's answer does not
   *   show the change; KubeError when the patch is refused.
   */
  async set(step: GoalStep): Promise<{ facts: GoalFacts; activeCluster: string }> {
    const { kube, service } = this;
    const named = nameOf(service);
    const object = await kube.get({ ...RAY_SERVICE, ...service });
    if (object === undefined) throw new SetUpError(`${named} does not exist.`);
    const from = this.application.read(object, named, this.#last);
    const state = stateOf(object);
    const activeCluster = state?.active.rayClusterName ?? "";
    if (this.#specs.size === 0) {
      const pending = state?.pending.rayClusterName ?? "";
      if (activeCluster === "" || pending !== "") {
        throw new SetUpError(
          `${named} is not ready to be changed: active RayCluster "${activeCluster}", pending "${pending}".`,
        );
      }
      this.#specs.set("before", from);
    }
    const goal = goalOf(step) ?? "before";
    const { operations, versions } = this.#operations(step, goal, from);
    const askedAtMs = this.clock.wallMs();
    const read = (made: KubeObject): Spec => this.application.read(made, named, goal);
    const made = await changeSpec(kube, service, from, operations, { read, ...(versions && { versions }) });
    this.#specs.set(goal, made);
    this.#last = goal;
    return { facts: { goal, before: from.facts, after: made.facts, askedAtMs }, activeCluster };
  }

  #operations(step: GoalStep, goal: Goal, from: Spec): GoalOperations {
    const known = this.#specs.get(goal);
    if (known !== undefined) {
      return { operations: [{ op: "replace", path: "/spec", value: known.whole }], versions: known.facts.versions };
    }
    const named = nameOf(this.service);
    if (step.do === "rollback" || goal === "before") {
      throw new SetUpError(`${named} was never changed; there is nothing to roll back.`);
    }
    return this.application.operations(step, goal, from, named);
  }
}
