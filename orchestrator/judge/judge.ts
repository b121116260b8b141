import { CHECKS, type RunningCheck, type StartCheck } from "../checks/index.ts";
import type { Finding, Run } from "../checks/check.ts";
import { attribution } from "../history/attributed.ts";
import { thresholdsOf, type K6Summary } from "../history/k6-summary.ts";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import { timelineFold } from "../history/timeline-fold.ts";
import type { Timeline } from "../history/timeline.ts";
import { CHECK_IDS, SCHEMA_VERSION, type CheckId, type Plan } from "../plan/plan.ts";
import { changeOf } from "./change-result.ts";
import { EnvironmentTally } from "./environment.ts";
import { applyKnownDefects, KNOWN_DEFECTS, type KnownDefects } from "./known-defects.ts";
import { LoadTally } from "./load-tally.ts";
import type { CheckResult, RunResult } from "./run-result.ts";
import { sentenceOf } from "./sentence.ts";
import { EXIT_CODES, worstOf } from "./verdict.ts";

/** Goes up whenever equal recordings may get another verdict than before. */
export const JUDGE_VERSION = "17";

/** Whether a result is of this judge and this list of known defects. */
export function isJudgedToday({ judge }: Pick<RunResult, "judge">): boolean {
  return judge.version === JUDGE_VERSION && judge.knownDefects === KNOWN_DEFECTS.version;
}

/** Violations of one check that run.json shows; the ledger and the history have them all. */
const SHOWN_VIOLATIONS = 100;

/** Judges one recording: feed it every line of the history, then every line of the ledger, each in its own order, then finish once. */
export interface Judge {
  observe(line: Observation): void;
  ledger(line: LedgerLine): void;
  finish(): RunResult;
}

/** What is known once the history has ended. */
interface Known {
  readonly timeline: Timeline;
  readonly load: LoadTally;
  readonly attribute: ReturnType<typeof attribution>;
}

/**
 * A judge for the recording of a plan, with k6's summary if it got out of the pod. Never throws on what was recorded: a check
 * that throws is invalid, with its message. Equal inputs give equal results. Memory does not grow with the length of the ledger. A line of
 * the history after one of the ledger is a bug of the caller and throws. `with` replaces the checks or the known defects, for tests.
 */
export function createJudge(
  plan: Plan,
  summary: K6Summary | undefined,
  {
    checks = CHECKS,
    knownDefects = KNOWN_DEFECTS,
  }: { checks?: Readonly<Record<CheckId, StartCheck>>; knownDefects?: KnownDefects } = {},
): Judge {
  const timelineState = timelineFold.init(plan);
  const environment = new EnvironmentTally();
  const account = new LedgerAccount();
  const running = CHECK_IDS.map((id) => new GuardedCheck(id, () => checks[id](plan)));
  let known: Known | null = null;
  const historyEnds = (): Known => {
    const timeline = timelineFold.finish(timelineState);
    return (known = { timeline, load: new LoadTally(timeline), attribute: attribution(plan, timeline) });
  };

  return {
    observe(line) {
      if (known !== null) throw new Error("A line of the history came after one of the ledger.");
      timelineFold.step(timelineState, line);
      environment.observe(line);
      for (const check of running) check.feed((inner) => inner.onObservation(line));
    },
    ledger(written) {
      const { timeline, load, attribute } = known ?? historyEnds();
      const line = attribute(written);
      account.observe(line);
      load.observe(line);
      for (const check of running) check.feed((inner) => inner.onLedger(line, timeline));
    },
    finish() {
      const { timeline, load } = known ?? historyEnds();
      const found = environment.figures(plan);
      const anchors = {
        "weight-moved": timeline.weightMoved?.wallMs ?? null,
        "first-good-answer": timeline.arriving === null ? null : load.firstAnswerMs(timeline.arriving),
        trigger: timeline.trigger?.wallMs ?? null,
        converged: timeline.converged?.wallMs ?? null,
      };
      const findings = running.map((check) => check.finish({ plan, timeline, account, summary }));
      const results = findings.map((finding) =>
        resultOf(
          applyKnownDefects(finding, findings, knownDefects, { plan, timeline, versions: found.versions, anchors }),
          plan,
        ),
      );
      const verdict = worstOf(results);
      const figures = load.figures(plan, account, boundOf(results));
      const change = changeOf(plan, timeline, load, results);
      return {
        schemaVersion: SCHEMA_VERSION,
        runId: plan.runId,
        judge: { version: JUDGE_VERSION, knownDefects: knownDefects.version },
        verdict,
        exitCode: EXIT_CODES[verdict],
        sentence: sentenceOf(verdict, results, figures, change),
        checks: results,
        load: figures,
        change,
        environment: found,
        k6: { thresholds: summary === undefined ? [] : thresholdsOf(summary) },
      };
    },
  };
}

/** One bound is printed everywhere: that of the requests zero-failures judged. */
function boundOf(results: readonly CheckResult[]): number | null {
  const bound = results.find(({ id }) => id === "zero-failures")?.figures["failureUpperBound"];
  return typeof bound === "number" ? bound : null;
}

function resultOf(finding: Finding, plan: Plan): CheckResult {
  const { id, verdict, message, figures, violations } = finding;
  const required = plan.requiredChecks.includes(id);
  return { id, verdict, required, message, figures, violations: violations.slice(0, SHOWN_VIOLATIONS) };
}

/** A check that may throw: from then on it is fed nothing more, and its finding is invalid. */
class GuardedCheck {
  readonly #check: RunningCheck | null;
  #broken: string | null = null;

  constructor(
    readonly id: CheckId,
    start: () => RunningCheck,
  ) {
    this.#check = this.#guard(start) ?? null;
  }

  feed(step: (check: RunningCheck) => void): void {
    const check = this.#check;
    if (check !== null && this.#broken === null) this.#guard(() => step(check));
  }

  finish(run: Run): Finding {
    const check = this.#check;
    const finding = check === null || this.#broken !== null ? undefined : this.#guard(() => check.finish(run));
    const message = `The check itself failed: ${this.#broken ?? "it gave no finding"}.`;
    return finding ?? { id: this.id, verdict: "invalid", message, figures: {}, violations: [] };
  }

  #guard<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#broken = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }
}
