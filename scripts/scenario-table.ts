import { scenarioSchema, type Scenario } from "../orchestrator/plan/scenario.ts";
import type { Budget } from "../orchestrator/plan/scenario-parts.ts";
import { betweenMarks } from "./between-marks.ts";

/** The page with the table of all scenarios, in a checkout. */
export const SCENARIOS_PAGE = "docs/scenarios.md";

const GROUPS = scenarioSchema.shape.group.options;

/**
 * The page with the table of these scenarios between its two marks; what stands outside of them stays. The table is Markdown that Prettier has not seen
 * yet. Throws an Error when the page does not have both marks, once each and in order.
 */
export function withScenarioTable(page: string, scenarios: readonly Scenario[]): string {
  return betweenMarks(page, { file: SCENARIOS_PAGE, name: "scenarios" }, scenarioTable(scenarios));
}

/** A row for each scenario, by group in the order of the schema and by name. */
function scenarioTable(scenarios: readonly Scenario[]): string {
  const rows = scenarios
    .toSorted((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group) || (a.name < b.name ? -1 : 1))
    .map((scenario) => [
      `[${scenario.name}](../scenarios/${scenario.name}.yaml)`,
      scenario.group,
      scenario.description,
      ownOf(scenario),
      budgetText(scenario.budget),
    ]);
  const head = ["scenario", "group", "what is done", "of its own", "budget"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cellText).join(" | ")} |`).join("\n");
}

/** What it asks for where nobody says otherwise, and what the cluster must have. */
function ownOf({ strategy, serveIngress, clients, needs }: Scenario): string {
  return [
    ...(strategy === undefined ? [] : [`strategy ${strategy}`]),
    ...(serveIngress === undefined ? [] : [`serve ingress ${serveIngress}`]),
    ...(clients === undefined ? [] : [`clients ${clients.join(", ")}`]),
    ...(needs?.fields ?? []).map((field) => `needs \`${field}\``),
  ].join(", ");
}

function budgetText(budget: Budget | undefined): string {
  if (budget === undefined || (budget.failedRequests === 0 && budget.disruptedSeconds === 0)) return "none";
  return `${String(budget.failedRequests)} requests, ${String(budget.disruptedSeconds)} s`;
}

/** On one line, and without what ends a cell. */
function cellText(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().replaceAll("|", "\\|");
}
