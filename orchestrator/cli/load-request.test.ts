import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../plan/config.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { parseScenario } from "../plan/scenario.ts";
import { loadRequestOf } from "./load-request.ts";

/** The plan of a steady state with these steps, with deadlines far shorter than what the steps last. */
function planOf(steps: string): Plan {
  const text = `description: Words.\ngroup: fault\nsteps:${steps}\nexpect: { version: before, cluster: same }\n`;
  const scenario = parseScenario(text, "lasting");
  const config = parseConfig("warmUp: {seconds: 1, deadline: 2000}\ndeadlines: {factor: 0.001}\n", "run.yaml", []);
  const createdAt = "2026-01-02T03:04:05.000Z";
  return makePlan({ ...{ request: {}, scenario, config, versions: {}, runId: "r", createdAt }, seed: 1 });
}

test("k6 goes on for as long as the steps say that they last (defect: the load ends by itself in the middle of a fault)", () => {
  const steps = `
  - { do: fault, fault: { kind: scale-to-zero, target: operator, seconds: 300 } }
  - { do: fault, when: { seconds: 200 }, fault: { kind: rollout, target: gateway } }`;
  const of = { image: "k6", url: "http://10.0.0.1" };
  assert.ok(loadRequestOf(planOf(steps), of).maxSeconds > 500);
  assert.ok(loadRequestOf(planOf(" []"), of).maxSeconds < 500);
});
