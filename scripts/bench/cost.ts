import { COST_BOUND_PERCENT, COST_PAIR, type GeneratorName } from "./names.ts";
import { cpuMicrosPerRequest, type Sample } from "./sample.ts";
import { spreadOf, type Spread } from "./statistics.ts";

/**
 * A generator's CPU a request as a multiple of another's, round by round: the two stood side by side in each. Undefined when there is no
 * round with both.
 */
export function ratiosTo(base: GeneratorName, name: GeneratorName, samples: readonly Sample[]): Spread | undefined {
  const of = (wanted: GeneratorName): number[] =>
    samples
      .filter(({ generator }) => generator === wanted)
      .map(({ usage, requests }) => cpuMicrosPerRequest(usage, requests));
  const [bases, others] = [of(base), of(name)];
  const ratios = others.flatMap((value, round) => {
    const other = bases[round];
    return other === undefined ? [] : [value / other];
  });
  return ratios.length === 0 ? undefined : spreadOf(ratios);
}

export interface Cost {
  readonly percent: Spread;
  readonly held: boolean;
  readonly sentence: string;
}

/** What the ledger costs beside k6 with no output; undefined when either was not measured. */
export function ledgerCost(samples: readonly Sample[]): Cost | undefined {
  const [bare, ledger] = COST_PAIR;
  const ratios = ratiosTo(bare, ledger, samples);
  if (ratios === undefined) return undefined;
  const percent = {
    min: (ratios.min - 1) * 100,
    median: (ratios.median - 1) * 100,
    max: (ratios.max - 1) * 100,
  };
  const held = percent.median <= COST_BOUND_PERCENT;
  const text = (value: number): string => value.toFixed(1).replace("-", "−");
  return {
    percent,
    held,
    sentence: `The ledger costs k6 ${text(percent.median)} % more CPU a request than no output (median over the rounds, each held against its own; ${text(percent.min)} % to ${text(percent.max)} %). It may cost ${COST_BOUND_PERCENT} %: ${held ? "held" : "NOT held"}.`,
  };
}
