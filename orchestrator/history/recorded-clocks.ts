import { CLOCKS, type Observation } from "./observation.ts";
import { number } from "./words.ts";

/** Most (ms) that the API server's or the k6 pod's clock may differ from the runner's, its uncertainty included. */
export const CLOCK_BOUND_MS = 250;

/** Most (ms) that the runner's wall clock may drift from its monotonic one within a run: more is a step of the clock. */
const STEP_BOUND_MS = CLOCK_BOUND_MS;

type ClockName = (typeof CLOCKS)[number];

/** A measured clock: there is one for each pod of the load. */
interface Measured {
  readonly of: ClockName;
  /** The narrowest bounds of its difference from the runner's that all measurements together leave, ms. */
  least: number;
  most: number;
  readonly beforeTrigger: boolean;
}

/** Follows the clocks that stamp a recording: the runner's two against each other, and the others against the runner's. */
export class RecordedClocks {
  readonly #measured = new Map<string, Measured>();
  #backwards = 0;
  #lastMonoMs = -Infinity;
  #firstSkewMs: number | null = null;
  #stepMs = 0;
  #triggered = false;

  observe(line: Observation): void {
    if (line.monoMs < this.#lastMonoMs) this.#backwards += 1;
    this.#lastMonoMs = Math.max(this.#lastMonoMs, line.monoMs);
    const skewMs = line.wallMs - line.monoMs;
    this.#firstSkewMs ??= skewMs;
    this.#stepMs = Math.max(this.#stepMs, Math.abs(skewMs - this.#firstSkewMs));
    if (line.type === "action" && line.action === "trigger") this.#triggered = true;
    if (line.type !== "clock") return;
    const clock = this.#clockOf(line.of, line.subject ?? "");
    clock.least = Math.max(clock.least, line.offsetMs - line.uncertaintyMs);
    clock.most = Math.min(clock.most, line.offsetMs + line.uncertaintyMs);
  }

  #clockOf(of: ClockName, subject: string): Measured {
    const key = `${of} ${subject}`;
    let clock = this.#measured.get(key);
    if (clock === undefined) {
      clock = { of, least: -Infinity, most: Infinity, beforeTrigger: !this.#triggered };
      this.#measured.set(key, clock);
    }
    return clock;
  }

  #all(of: ClockName): Measured[] {
    return [...this.#measured.values()].filter((clock) => clock.of === of);
  }

  /**
   * How far each measured clock may have been from the runner's, ms. A clock keeps its difference through a run, so a measurement that
   * a busy machine made blurred takes nothing away from a sharp one. Of a clock that moved, these are bounds at different times; of
   * several pods' clocks it is the worst.
   */
  worstMs(): Map<ClockName, number> {
    const worst = new Map<ClockName, number>();
    for (const { of, least, most } of this.#measured.values()) {
      worst.set(of, Math.max(worst.get(of) ?? 0, Math.abs(least), Math.abs(most)));
    }
    return worst;
  }

  /** By how much a clock must have moved for its measurements to contradict each other so, ms; 0 or less: not at all. */
  #movedMs(of: ClockName): number {
    return Math.max(...this.#all(of).map(({ least, most }) => least - most));
  }

  /** Largest deviation of the runner's wall clock from its monotonic one since the first line, ms. */
  get stepMs(): number {
    return this.#stepMs;
  }

  /** `pods`: how many k6 pods there are; `which`: clocks beside the runner's own. */
  problems(pods: number, which: readonly ClockName[] = CLOCKS): string[] {
    const problems: string[] = [];
    if (this.#backwards > 0) problems.push(`The history's times go backwards ${number(this.#backwards)} times`);
    if (this.#stepMs > STEP_BOUND_MS) {
      problems.push(`The runner's wall clock was stepped by ${number(Math.round(this.#stepMs))} ms during the run`);
    }
    const worstMs = this.worstMs();
    for (const clock of which) {
      const worst = worstMs.get(clock);
      const name = clock === "k6-pod" ? "k6 pod's" : "API server's";
      const measured = this.#all(clock).filter(({ beforeTrigger }) => beforeTrigger || !this.#triggered);
      if (worst === undefined || measured.length < (clock === "k6-pod" ? pods : 1)) {
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
