import { CLOCKS, type Observation } from "../history/observation.ts";
import { number } from "../history/words.ts";
import { CLOCK_BOUND_MS } from "./evidence.ts";

/** Most (ms) that the runner's wall clock may drift from its monotonic one within a run: more is a step of the clock. */
const STEP_BOUND_MS = CLOCK_BOUND_MS;

/** Follows the clocks that stamp a recording: the runner's two against each other, and the others against the runner's. */
export class RecordedClocks {
  /** By clock, the narrowest bounds of its difference from the runner's that all measurements together leave, ms. */
  readonly #bounds = new Map<string, { least: number; most: number }>();
  #backwards = 0;
  #lastMonoMs = -Infinity;
  #firstSkewMs: number | null = null;
  #stepMs = 0;
  #triggered = false;
  readonly #beforeTrigger = new Set<string>();

  observe(line: Observation): void {
    if (line.monoMs < this.#lastMonoMs) this.#backwards += 1;
    this.#lastMonoMs = Math.max(this.#lastMonoMs, line.monoMs);
    const skewMs = line.wallMs - line.monoMs;
    this.#firstSkewMs ??= skewMs;
    this.#stepMs = Math.max(this.#stepMs, Math.abs(skewMs - this.#firstSkewMs));
    if (line.type === "action" && line.action === "trigger") this.#triggered = true;
    if (line.type !== "clock") return;
    if (!this.#triggered) this.#beforeTrigger.add(line.of);
    const known = this.#bounds.get(line.of) ?? { least: -Infinity, most: Infinity };
    this.#bounds.set(line.of, {
      least: Math.max(known.least, line.offsetMs - line.uncertaintyMs),
      most: Math.min(known.most, line.offsetMs + line.uncertaintyMs),
    });
  }

  /**
   * How far each measured clock may have been from the runner's, ms. A clock keeps its difference through a run, so a measurement that
   * a busy machine made blurred takes nothing away from a sharp one. Of a clock that moved, these are bounds at different times.
   */
  worstMs(): Map<string, number> {
    return new Map([...this.#bounds].map(([of, { least, most }]) => [of, Math.max(Math.abs(least), Math.abs(most))]));
  }

  /** By how much a clock must have moved for its measurements to contradict each other so, ms; 0 or less: not at all. */
  #movedMs(clock: string): number {
    const { least = 0, most = 0 } = this.#bounds.get(clock) ?? {};
    return least - most;
  }

  /** Largest deviation of the runner's wall clock from its monotonic one since the first line, ms. */
  get stepMs(): number {
    return this.#stepMs;
  }

  problems(): string[] {
    const problems: string[] = [];
    if (this.#backwards > 0) problems.push(`The history's times go backwards ${number(this.#backwards)} times`);
    if (this.#stepMs > STEP_BOUND_MS) {
      problems.push(`The runner's wall clock was stepped by ${number(Math.round(this.#stepMs))} ms during the run`);
    }
    const worstMs = this.worstMs();
    for (const clock of CLOCKS) {
      const worst = worstMs.get(clock);
      const name = clock === "k6-pod" ? "k6 pod's" : "API server's";
      if (worst === undefined || (this.#triggered && !this.#beforeTrigger.has(clock))) {
        problems.push(`The ${name} clock was not measured before the change`);
      } else if (this.#movedMs(clock) > CLOCK_BOUND_MS) {
        problems.push(
          `The ${name} clock was set by at least ${number(Math.round(this.#movedMs(clock)))} ms during the run`,
        );
      } else if (worst > CLOCK_BOUND_MS) {
        problems.push(
          `The ${name} clock may be ${number(Math.round(worst))} ms from the runner's; ${number(CLOCK_BOUND_MS)} ms are allowed`,
        );
      }
    }
    return problems;
  }
}
