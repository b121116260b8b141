import { CHECK_IDS, stepsOf, type Plan } from "../../plan/plan.ts";
import { outcomeOf, type Scenario } from "../../plan/scenario.ts";

/** The scenario that a plan was made of, as far as the plan tells: what it is for lists and what it expects are not in it. */
export function scenarioAgain(plan: Plan): Scenario {
  const steps = [...stepsOf(plan)];
  const without = CHECK_IDS.filter((id) => !plan.requiredChecks.includes(id));
  const { variant } = plan.application;
  return {
    name: plan.scenario,
    description: plan.description ?? plan.scenario,
    group: "upgrade",
    steps,
    expect: outcomeOf(steps),
    without: Object.fromEntries(without.map((id) => [id, "not required"])),
    ...(plan.needs === undefined ? {} : { needs: plan.needs }),
    ...(plan.budget === undefined ? {} : { budget: plan.budget }),
    ...(variant === undefined ? {} : { application: variant }),
  };
}
