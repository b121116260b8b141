import type { Plan } from "../plan/plan.ts";
import type { Proof } from "../prove/proof.ts";
import { planCell } from "./matrix-cells.ts";
import type { Places } from "./started.ts";

/**
 * The plan of a proof's run: of its scenario, strategy and rate, with its deadlines in the place of the plan's own. It does not tell of the sabotage, and neither
 * does anything else that the judge reads. Creates nothing; rejects with a UsageError.
 */
export async function planProof(
  { name, scenario, strategy, rate, deadlines = {} }: Proof,
  from: Places & { readonly now: Date; readonly out: string },
): Promise<{ plan: Plan; out: string }> {
  const cell = { name, scenario, repeat: 1, ...(strategy === undefined ? {} : { strategy }) };
  const { plan, out } = await planCell(cell, { ...from, rate: rate ?? null });
  const own = Object.entries(deadlines).map(([deadline, seconds]) => [deadline, seconds * 1000] as const);
  return { plan: { ...plan, deadlines: { ...plan.deadlines, ...Object.fromEntries(own) } }, out };
}
