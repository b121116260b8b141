import { LABELS } from "./labels.ts";
import { COST_BOUND_PERCENT, COST_PAIR, COST_VARIANTS, type GeneratorName } from "./names.ts";
import { cpuMicrosPerRequest, type Sample } from "./sample.ts";
import { spreadOf, type Spread } from "./statistics.ts";

/**
 * A generator's CPU a request as a multiple of another's, round by round: the two stood side by side in each. Undefined when there is no
 * round with both.
 */
export function ratiosTo(base: GeneratorName, name: GeneratorName, samples: readonly Sample[]): Spread | undefined {
  const ratios = pairedRatios(base, name, samples);
  return ratios.length === 0 ? undefined : spreadOf(ratios);
}

function pairedRatios(base: GeneratorName, name: GeneratorName, samples: readonly Sample[]): number[] {
  const of = (wanted: GeneratorName): number[] =>
    samples
      .filter(({ generator }) => generator === wanted)
      .map(({ usage, requests }) => cpuMicrosPerRequest(usage, requests));
  const [bases, others] = [of(base), of(name)];
  return others.flatMap((value, round) => {
    const other = bases[round];
    return other === undefined ? [] : [value / other];
  });
}

export interface Cost {
  /** Of the ledger over no output, in percent more CPU a request. */
  readonly percent: number;
  /** Half the width of the 95 % interval around it, in percentage points. */
  readonly marginPercent: number;
  readonly held: boolean;
  readonly sentence: string;
}

/** 97.5 % quantiles of Student's t by degrees of freedom, from 1; the normal distribution's for more. */
const T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const Z95 = 1.96;

interface Estimate {
  readonly percent: number;
  readonly leastPercent: number;
  readonly mostPercent: number;
}

function estimateOf(name: GeneratorName, rounds: readonly Sample[]): Estimate | undefined {
  const logs = pairedRatios(COST_PAIR[0], name, rounds).map(Math.log);
  if (logs.length < 2) return undefined;
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const margin = (T95[logs.length - 2] ?? Z95) * Math.sqrt(variance / logs.length);
  const more = (log: number): number => (Math.exp(log) - 1) * 100;
  return { percent: more(mean), leastPercent: more(mean - margin), mostPercent: more(mean + margin) };
}

/**
 * What the ledger costs beside k6 with no output, and k6's own outputs with it, from rounds in which they took turns: the geometric mean of
 * the rounds' ratios with its 95 % interval by Student's t on the logarithms. Undefined with fewer than two rounds.
 */
export function ledgerCost(rounds: readonly Sample[]): Cost | undefined {
  const [, ledger] = COST_PAIR;
  const estimate = estimateOf(ledger, rounds);
  if (estimate === undefined) return undefined;
  const text = (value: number): string => value.toFixed(1).replace("-", "−");
  const said = ({ percent, leastPercent, mostPercent }: Estimate): string =>
    `${text(percent)} % (95 % interval ${text(leastPercent)} % to ${text(mostPercent)} %)`;
  const others = COST_VARIANTS.filter((name) => name !== ledger).flatMap((name) => {
    const of = name === COST_PAIR[0] ? undefined : estimateOf(name, rounds);
    return of === undefined ? [] : [`${LABELS[name]} ${said(of)}`];
  });
  const held = estimate.percent <= COST_BOUND_PERCENT;
  const count = pairedRatios(COST_PAIR[0], ledger, rounds).length;
  const beside = others.length === 0 ? "" : ` Beside it in the same rounds: ${others.join(", ")}.`;
  return {
    percent: estimate.percent,
    marginPercent: (estimate.mostPercent - estimate.leastPercent) / 2,
    held,
    sentence: `The ledger costs k6 ${said(estimate)} more CPU a request than no output, over ${count} rounds in which they took turns. It may cost ${COST_BOUND_PERCENT} %: ${held ? "held" : "NOT held"}.${beside}`,
  };
}
