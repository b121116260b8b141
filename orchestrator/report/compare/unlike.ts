import type { RunResult } from "../../judge/run-result.ts";
import { plannedClients, stepsOf, type Plan } from "../../plan/plan.ts";
import { stepTexts } from "../../plan/step-text.ts";
import type { Step } from "../../plan/steps.ts";
import { changedValues, type ChangedValue } from "../changed-values.ts";

/** In what two runs were unlike before a request was sent. */
export interface Unlike {
  /** Of what was asked. A run's id, time and seed are its own and are left out. */
  readonly plan: readonly ChangedValue[];
  /** Of what was found. */
  readonly environment: readonly ChangedValue[];
}

/** Every value of plan and environment that is not the same in both runs, by its place; `before` is the first run's. */
export function unlikeOf(
  first: { readonly plan: Plan; readonly result: RunResult },
  second: { readonly plan: Plan; readonly result: RunResult },
): Unlike {
  const environment = changedValues(environmentView(first.result), environmentView(second.result));
  const told = new Set(environment.map(textOf));
  // A version that was asked for and found is told once.
  const plan = changedValues(planView(first.plan), planView(second.plan)).filter((value) => !told.has(textOf(value)));
  return { plan, environment };
}

/** Lists as records or as one text, so that what differs in them has a name. */
function planView(plan: Plan): unknown {
  const { schemaVersion: _schema, runId: _id, createdAt: _at, seed: _seed, requiredChecks, clients, ...rest } = plan;
  // The steps say what the scenario's description says.
  const { description: _description, steps: _steps, rollback: _rollback, ...asked } = rest;
  const { mix: _mix, outK6, parallelism, ...load } = asked.load;
  const steps = stepsOf(plan);
  return {
    ...asked,
    steps: Object.fromEntries(
      stepTexts(steps).map((text, index) => [String(index + 1), text + changesText(steps[index])]),
    ),
    clients: clients.join(", "),
    load: {
      ...load,
      parallelism: parallelism ?? 1,
      outK6: (outK6 ?? []).join(", "),
      mix: Object.fromEntries(plannedClients(plan).map(({ client, ...part }) => [client, part])),
    },
    images: rest.images ?? {},
    latencyBudget: rest.latencyBudget ?? null,
    requiredChecks: Object.fromEntries(requiredChecks.map((id) => [id, "required"])),
  };
}

/** What a step changes of the spec beside its version, whole. */
function changesText(step: Step | undefined): string {
  if (step === undefined || !("importPath" in step || "patch" in step)) return "";
  return ` ${JSON.stringify({ importPath: step.importPath, patch: step.patch })}`;
}

/** Target, profile and data plane are the plan's. */
function environmentView({ environment }: RunResult): unknown {
  const { versions, cpus, measured } = environment;
  return { versions, cpus, measured };
}

function textOf({ place, before, after }: ChangedValue): string {
  return JSON.stringify([place, before, after]);
}
