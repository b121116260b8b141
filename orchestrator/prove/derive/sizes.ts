import type { Proof } from "../proof.ts";
import { MUTANT_HISTORIES } from "./mutant-histories.ts";
import type { Recorded } from "./recorded.ts";
import type { Sized, Unsized } from "./size.ts";
import { CLIENTS } from "./sizes-clients.ts";
import { EVIDENCE } from "./sizes-evidence.ts";
import { OPERATOR } from "./sizes-operator.ts";
import { SPOILT_HISTORIES } from "./spoilt-histories.ts";

const SIZES: Readonly<Record<string, Sized | Unsized | undefined>> = { ...CLIENTS, ...OPERATOR, ...EVIDENCE };
const HISTORIES: Readonly<Record<string, ((recorded: Recorded) => Recorded) | undefined>> = {
  ...SPOILT_HISTORIES,
  ...MUTANT_HISTORIES,
};

/** How large a proof's sabotage is, or why it has no size; that of the proof at whose boundary it is, where it is at one's. Undefined where nobody has said it. */
export function sizeOf({ name, boundaryOf }: Pick<Proof, "name" | "boundaryOf">): Sized | Unsized | undefined {
  return SIZES[boundaryOf ?? name];
}

/** What a proof's sabotage, as it is, makes of a real recording; undefined where only a real run can tell. */
export function historyOf(proof: Proof): ((recorded: Recorded) => Recorded) | undefined {
  const whole = HISTORIES[proof.name];
  if (whole !== undefined) return whole;
  const size = sizeOf(proof);
  return size === undefined || "why" in size ? undefined : (recorded) => size.derive(recorded, size.own(proof));
}
