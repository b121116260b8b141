import type { Clock } from "../kube/clock.ts";
import type { JsonPatchOperation, Kube } from "../kube/kube.ts";
import { versionsIn, withImportPath, withVersion } from "../kube/serve-config.ts";
import { SetUpError } from "../plan/errors.ts";
import { goalOf, type Goal, type GoalStep } from "../plan/steps.ts";
import { RAY_SERVICE, stateOf } from "./rayservice.ts";
import type { RayServiceName } from "./rayservice.ts";
import { changeSpec, nameOf, specOf } from "./spec-change.ts";
import type { Spec, SpecFacts } from "./spec-change.ts";

const SERVE_CONFIG = "/spec/serveConfigV2";
const WORKER_CPU = "/spec/rayClusterConfig/workerGroupSpecs/0/template/spec/containers/0/resources/requests/cpu";

/** What the spec is given for a goal: the version of every deployment, and the first worker group's cpu request, which makes its hash another one. */
interface GoalValues {
  readonly version: string;
  readonly workerCpu: string;
}

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
  readonly #specs = new Map<Goal, Spec["whole"]>();

  constructor(
    readonly kube: Kube,
    readonly service: RayServiceName,
    readonly values: Readonly<Record<Exclude<Goal, "before">, GoalValues>>,
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
    const from = specOf(object, named);
    const state = stateOf(object);
    const activeCluster = state?.active.rayClusterName ?? "";
    if (this.#specs.size === 0) {
      const pending = state?.pending.rayClusterName ?? "";
      if (activeCluster === "" || pending !== "") {
        throw new SetUpError(
          `${named} is not ready to be changed: active RayCluster "${activeCluster}", pending "${pending}".`,
        );
      }
      this.#specs.set("before", from.whole);
    }
    const goal = goalOf(step) ?? "before";
    const { operations, versions } = this.#operations(step, goal, from);
    const askedAtMs = this.clock.wallMs();
    const made = await changeSpec(kube, service, from, operations, versions);
    this.#specs.set(goal, made.whole);
    return { facts: { goal, before: from.facts, after: made.facts, askedAtMs }, activeCluster };
  }

  #operations(step: GoalStep, goal: Goal, from: Spec): { operations: JsonPatchOperation[]; versions: string[] } {
    const known = this.#specs.get(goal);
    if (known !== undefined) {
      return {
        operations: [{ op: "replace", path: "/spec", value: known }],
        versions: versionsIn(known.serveConfigV2),
      };
    }
    if (step.do === "rollback" || goal === "before") {
      throw new SetUpError(`${nameOf(this.service)} was never changed; there is nothing to roll back.`);
    }
    const { version, workerCpu } = this.values[goal];
    const named = withVersion(from.serveConfig, version);
    if (named === from.serveConfig) {
      throw new SetUpError(`${nameOf(this.service)} is at version ${version} already; a change must give it another.`);
    }
    const importPath = step.do === "in-place" ? undefined : step.importPath;
    const serveConfig = importPath === undefined ? named : withImportPath(named, importPath);
    const operations: JsonPatchOperation[] = [{ op: "replace", path: SERVE_CONFIG, value: serveConfig }];
    if (step.do !== "in-place") {
      operations.push({ op: "replace", path: WORKER_CPU, value: workerCpu }, ...(step.patch ?? []));
    }
    return { operations, versions: [version] };
  }
}
