/** For tests only: the part of KubeRay 1.6.2's reconcile loop that moves capacity and traffic, pass by pass, as its source has it. */
import { ALONE, sameState, STARTING, type RolloutState, type Steps } from "../state.ts";
import type { Goal } from "../steps.ts";

/** What a pass meets. */
export interface Pass {
  /** The interval since the last move of traffic has passed. */
  readonly intervalPassed: boolean;
  /** The pending side's application is RUNNING. */
  readonly pendingReady: boolean;
}

type Mutable = { -readonly [Key in keyof RolloutState]: number };

/** An operator with a new pending RayCluster. */
export class SimulatedOperator {
  readonly #steps: Steps;
  readonly #now: Mutable = { activeCapacity: 100, activeTraffic: 100, pendingCapacity: 0, pendingTraffic: 0 };
  rollingBack = false;
  done = false;
  /** What the spec is made to be; the operator looks at it in each pass. */
  goal: Goal | null = null;
  #pendingOf: Goal = "after";
  /** How many pending RayClusters there were before this one. */
  pending = 0;
  /** Every status written, consecutive equal ones once. */
  readonly written: RolloutState[];

  constructor(steps: Steps) {
    this.#steps = steps;
    this.written = [ALONE, { ...this.#now }];
  }

  /** One Reconcile. */
  pass({ intervalPassed, pendingReady }: Pass): void {
    if (this.done) return;
    // reconcileRollbackState; tests that set no goal say for themselves whether it goes back.
    if (this.goal !== null) this.rollingBack = this.goal !== this.#pendingOf;
    // reconcileServe returns before it comes to capacity while the pending head is not ready: then nothing moves at all.
    this.#capacity("pending");
    this.#capacity("active");
    if (intervalPassed) this.#traffic(pendingReady);
    this.#status();
  }

  #capacity(side: "active" | "pending"): void {
    const now = this.#now;
    const { maxSurgePercent: surge } = this.#steps;
    const sum = now.activeCapacity + now.pendingCapacity;
    if (this.rollingBack) {
      if (now.activeCapacity !== now.activeTraffic) return;
      if (sum > 100 && side === "pending") now.pendingCapacity = Math.max(0, now.pendingCapacity - surge);
      if (sum <= 100 && side === "active") now.activeCapacity = Math.min(100, now.activeCapacity + surge);
      return;
    }
    if (now.pendingCapacity !== now.pendingTraffic) return;
    if (sum > 100 && side === "active") now.activeCapacity = Math.max(0, now.activeCapacity - surge);
    if (sum <= 100 && side === "pending") now.pendingCapacity = Math.min(100, now.pendingCapacity + surge);
  }

  #traffic(pendingReady: boolean): void {
    const now = this.#now;
    const { stepSizePercent: step } = this.#steps;
    if (this.rollingBack) {
      if (now.activeTraffic === now.activeCapacity) return;
      now.activeTraffic = Math.min(100, now.activeTraffic + step, now.activeCapacity);
      now.pendingTraffic = 100 - now.activeTraffic;
    } else if (now.pendingTraffic !== now.pendingCapacity && pendingReady) {
      now.pendingTraffic = Math.min(100, now.pendingTraffic + step, now.pendingCapacity);
      now.activeTraffic = 100 - now.pendingTraffic;
    }
  }

  #status(): void {
    const now = this.#now;
    const promoted = !this.rollingBack && now.activeCapacity === 0 && now.pendingTraffic === 100;
    const back =
      this.rollingBack && now.activeTraffic === 100 && now.activeCapacity === 100 && now.pendingCapacity === 0;
    if (back && this.goal !== null && this.goal !== "before") {
      // shouldPrepareNewCluster, in the same pass; whose capacity and traffic are not told yet.
      this.#pendingOf = this.goal;
      this.pending += 1;
      this.rollingBack = false;
      Object.assign(now, STARTING);
      this.written.push({ ...now });
      return;
    }
    this.done = promoted || back;
    const state = this.done ? ALONE : { ...now };
    const last = this.written.at(-1);
    if (last === undefined || !sameState(last, state)) this.written.push(state);
  }
}
