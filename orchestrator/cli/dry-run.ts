import { outlineOf, outlineText } from "../plan/outline.ts";
import type { Plan } from "../plan/plan.ts";
import { whatIsCreated } from "./embedded-request.ts";

/**
 * What --dry-run prints: what a run of the plan would do and create, as text or, with `json`, with the whole plan. `repeats` stand in the JSON, and their
 * number in the text; `prepares` is what is created before, for the cluster to be fit for the plan.
 */
export function dryRunText(
  { json }: { readonly json: boolean },
  { plan, out }: { readonly plan: Plan; readonly out: string },
  repeats?: { readonly repeat: number; readonly onRecord: number },
  prepares: readonly string[] = [],
): string {
  const outline = outlineOf(plan);
  const creates = [...prepares, ...whatIsCreated(plan)];
  if (json) return `${JSON.stringify({ ...repeats, plan, outline, out, creates }, null, 2)}\n`;
  const times =
    repeats === undefined ? [] : [`  repeat    ${String(repeats.repeat)} times, ${String(repeats.onRecord)} on record`];
  const lines = [...times, ...creates.map((what) => `  creates   ${what}`), `  folder    ${out}`];
  return `${outlineText(plan, outline)}${lines.join("\n")}\n`;
}
