import { z } from "zod";
import type { JsonPatchOperation, KubeObject } from "../kube/kube.ts";
import { withImportPath, withVersion } from "../kube/serve-config.ts";
import { SetUpError } from "../plan/errors.ts";
import { jsonSchema } from "../plan/json-patch.ts";
import { asRun, upgradedSpec, type RunSettings } from "../plan/own-spec.ts";
import type { OwnUpgrade } from "../plan/service.ts";
import type { Goal, GoalStep } from "../plan/steps.ts";
import { digestOf, generationOf, specOf, type Spec } from "./spec-change.ts";

const SERVE_CONFIG = "/spec/serveConfigV2";
const WORKER_CPU = "/spec/rayClusterConfig/workerGroupSpecs/0/template/spec/containers/0/resources/requests/cpu";

/** What of an application's spec a goal changes. */
export interface ChangedApplication {
  /** A RayService's spec, given the goal that it was last set to. @throws SetUpError, beginning with `named`, when what is changed is not there. */
  read(object: KubeObject, named: string, goal: Goal): Spec;
  /** What sets a goal for the first time. @throws SetUpError when nothing would change. */
  operations(step: GoalStep, goal: Exclude<Goal, "before">, from: Spec, named: string): GoalOperations;
}

export interface GoalOperations {
  readonly operations: JsonPatchOperation[];
  /** The versions that the spec has afterwards; undefined where it has no place for them. */
  readonly versions?: readonly string[];
}

/** What the spec is given for a goal: the version of every deployment, and the first worker group's cpu request, which makes its hash another one. */
export interface GoalValues {
  readonly version: string;
  readonly workerCpu: string;
}

/** zerodrop's own application: the version stands in its serve config. */
export function ourApplication(values: Readonly<Record<Exclude<Goal, "before">, GoalValues>>): ChangedApplication {
  return {
    read: specOf,
    operations(step, goal, from, named) {
      const { version, workerCpu } = values[goal];
      const serveConfig = from.serveConfig ?? "";
      const renamed = withVersion(serveConfig, version);
      if (renamed === serveConfig) {
        throw new SetUpError(`${named} is at version ${version} already; a change must give it another.`);
      }
      const importPath = step.do === "upgrade" || step.do === "third" ? step.importPath : undefined;
      const value = importPath === undefined ? renamed : withImportPath(renamed, importPath);
      const operations: JsonPatchOperation[] = [{ op: "replace", path: SERVE_CONFIG, value }];
      if (step.do === "upgrade" || step.do === "third") {
        operations.push({ op: "replace", path: WORKER_CPU, value: workerCpu }, ...(step.patch ?? []));
      }
      return { operations, versions: [version] };
    },
  };
}

const ownSchema = z.looseObject({ spec: z.record(z.string(), jsonSchema) });

/** An application of the user's: which version it is, the plan says; the spec has no place of its own for it. */
export function ownApplication(
  upgrade: OwnUpgrade,
  versions: Readonly<Record<"before" | "after", string>>,
  settings: RunSettings,
): ChangedApplication {
  return {
    read(object, named, goal) {
      const read = ownSchema.safeParse(object);
      if (!read.success) throw new SetUpError(`${named} has no spec that can be read.`);
      const { spec } = read.data;
      const version = goal === "before" ? versions.before : versions.after;
      return {
        whole: spec,
        facts: { generation: generationOf(object, named), versions: [version], digest: digestOf(spec) },
      };
    },
    operations(step, _goal, from, named) {
      if (step.do !== "upgrade")
        throw new SetUpError(
          `${named} can be upgraded and rolled back; a step ${step.do} is for zerodrop's own application.`,
        );
      const before = ownSchema.parse({ spec: from.whole }).spec;
      const value = asRun(upgradedSpec(before, upgrade), settings);
      if (digestOf(value) === digestOf(before)) {
        throw new SetUpError(
          `${named} is as service.upgrade would make it already; a change must give it another spec.`,
        );
      }
      return { operations: [{ op: "replace", path: "/spec", value }] };
    },
  };
}
