import { counted, number } from "../../history/words.ts";
import { SYMBOLS } from "../symbols.ts";
import type { Prove, ProofRunRow } from "./prove.ts";
import type { Found, Smallest } from "./smallest.ts";

/** What tables say of the smallest size, and of what is possible. */
export interface SmallestCells {
  readonly caught: string;
  readonly possible: string;
}

const NONE = "–";
/** Units that are no nouns. */
const SYMBOLIC = ["ms", "s", "%", "times", "requests/s"];
/** A real sabotage is not placed more precisely than by this share of its size. */
const NEAR = 0.1;

/** A run's cells; undefined where nothing is known. */
export function smallestCells(run: ProofRunRow, runs: Prove["runs"]): SmallestCells | undefined {
  const { smallest } = run;
  if (smallest === undefined) return undefined;
  return smallestText(smallest, isConfirmed(run, runs));
}

/** The same of what was found alone; whether a real run confirmed it. */
export function smallestText(smallest: Smallest, confirmed: boolean): SmallestCells {
  switch (smallest.kind) {
    case "none":
      return { caught: `no size: ${smallest.why}`, possible: NONE };
    case "boundary":
      return { caught: `the boundary of ${smallest.of}: ${sizeText(smallest.size, smallest.unit)}`, possible: NONE };
    case "found": {
      const { caught, own, unit, of, possible } = smallest;
      const found = caught === null ? `none: not even ${sizeText(own, unit)} ${of}` : `${sizeText(caught, unit)} ${of}`;
      return {
        caught: confirmed ? `${found} ${SYMBOLS.pass}` : found,
        possible: `${sizeText(possible.size, unit)}: ${possible.because}`,
      };
    }
  }
}

/** A size with its unit, by three figures: `1 request`, `292 ms`. */
export function sizeText(size: number, unit: string): string {
  const rounded = Number(size.toPrecision(3));
  return SYMBOLIC.includes(unit) ? `${number(rounded)} ${unit}` : counted(rounded, unit);
}

/** Whether a real run at that size, the proof's own or one at its boundary, was caught. */
function isConfirmed(run: ProofRunRow, runs: Prove["runs"]): boolean {
  const { smallest, proof } = run;
  if (smallest?.kind !== "found") return false;
  return runs.some((one) => {
    if (one.outcome?.came !== "caught") return false;
    if (one === run) return isNear(smallest.own, smallest);
    return one.smallest?.kind === "boundary" && one.smallest.of === proof.name && isNear(one.smallest.size, smallest);
  });
}

/** At most NEAR larger than what was caught; smaller is more than was claimed. Larger is less where the size is a rate that is too low. */
function isNear(size: number, { missed, caught }: Found): boolean {
  if (caught === null) return false;
  return caught > missed ? size <= caught * (1 + NEAR) : size >= caught * (1 - NEAR);
}

/** How sizes were found, for the words below a table: of which recordings and by which judges; undefined where none was. */
export function howFound({ runs }: Prove): string | undefined {
  const found = runs.flatMap(({ smallest }) => (smallest?.kind === "found" ? [smallest] : []));
  if (found.length === 0) return undefined;
  const [recordings, judges] = [found.map(({ recording }) => recording), found.map(({ judge }) => judge)];
  return `halved to one step or 2 % on recordings derived from ${[...new Set(recordings)].join(", ")}, by judge ${[...new Set(judges)].join(", ")}; ${SYMBOLS.pass} where a real run at that size was caught too`;
}
