import type { JSX } from "preact";
import { counted, duration, number } from "../../history/words.ts";
import type { CheckResult, RunResult } from "../../judge/run-result.ts";
import type { Course } from "../course/course.ts";
import { oneLine } from "../plain-text.ts";
import { SYMBOLS } from "../symbols.ts";
import { atText } from "./at-text.ts";
import { EARLIEST_MOMENT, Figures } from "./figures.tsx";
import { Moment } from "./moment.tsx";

/** Violations of a check that are listed one by one. */
const MOST_VIOLATIONS = 20;

/** Why the verdict is no pass: the checks that did not hold, each with the moments at which it broke. Nothing where all held. */
export function WhySection({
  result,
  course,
}: {
  readonly result: RunResult;
  readonly course: Course;
}): JSX.Element | null {
  const broken = result.checks.filter(isBroken).sort((a, b) => rankOf(a) - rankOf(b));
  if (broken.length === 0) return null;
  return (
    <section id="why" aria-labelledby="why-title">
      <h2 id="why-title">Why</h2>
      <p>{`${counted(broken.length, "check")} of ${number(result.checks.length)} did not hold.`}</p>
      <Checks checks={broken} course={course} />
    </section>
  );
}

/** The checks that held, or had nothing to judge. */
export function ChecksSection({
  result,
  course,
}: {
  readonly result: RunResult;
  readonly course: Course;
}): JSX.Element {
  const held = result.checks.filter((check) => !isBroken(check));
  const passed = held.filter(({ verdict }) => verdict === "pass").length;
  return (
    <section id="checks" aria-labelledby="checks-title">
      <h2 id="checks-title">Checks that held</h2>
      <p>{`${number(passed)} of ${counted(result.checks.length, "check")} passed.`}</p>
      <Checks checks={held} course={course} />
    </section>
  );
}

function Checks({ checks, course }: { readonly checks: readonly CheckResult[]; readonly course: Course }): JSX.Element {
  return (
    <ul class="checks">
      {checks.map((check) => (
        <Check key={check.id} check={check} course={course} />
      ))}
    </ul>
  );
}

/** What was witnessed comes before what cannot be judged, and the recording's holes before what cannot be judged for them. */
function rankOf({ id, verdict }: CheckResult): number {
  if (verdict === "fail") return 0;
  if (verdict === "known") return 1;
  if (id === "recording-complete") return 2;
  return verdict === "invalid" ? 3 : 4;
}

function isBroken({ verdict, required }: CheckResult): boolean {
  return (
    verdict === "fail" || verdict === "known" || verdict === "invalid" || (required && verdict === "not-applicable")
  );
}

function Check({ check, course }: { readonly check: CheckResult; readonly course: Course }): JSX.Element {
  const { id, verdict, required, message, figures, violations } = check;
  const [first] = violations;
  return (
    <li id={`check-${id}`} class={`check ${verdict}`}>
      <div class="line">
        <span class="symbol" aria-hidden="true">
          {SYMBOLS[verdict]}
        </span>
        <h3>{id}</h3>
        <span class="word">
          {verdict === "not-applicable" ? "not applicable" : verdict}
          {required ? "" : ", not required"}
        </span>
        {first === undefined ? null : <Moment atMs={first.atMs} course={course} label={`first violation of ${id}`} />}
      </div>
      <p>{oneLine(message)}</p>
      <div class="more">
        {violations.length === 0 ? null : <Violations check={check} course={course} />}
        {Object.keys(figures).length === 0 ? null : (
          <details>
            <summary>
              Figures<span class="hidden"> of {id}</span>
            </summary>
            <Figures value={figures} />
          </details>
        )}
      </div>
    </li>
  );
}

function Violations({ check, course }: { readonly check: CheckResult; readonly course: Course }): JSX.Element {
  const { id, violations, figures } = check;
  const all = typeof figures["violations"] === "number" ? figures["violations"] : violations.length;
  const shown = violations.slice(0, MOST_VIOLATIONS);
  return (
    <details>
      <summary>
        {counted(all, "violation")}
        <span class="hidden"> of {id}</span>
      </summary>
      <ul class="violations">
        {shown.map(({ atMs, cause, facts }, index) => (
          <li key={index}>
            <Moment atMs={atMs} course={course} label={oneLine(cause)} /> {oneLine(cause.replaceAll("-", " "))}
            <span class="facts-line">{factsLine(facts, course)}</span>
          </li>
        ))}
      </ul>
      {all > shown.length ? <p>{`… and ${number(all - shown.length)} more.`}</p> : null}
    </details>
  );
}

/** Facts of a violation on one line; empty ones say nothing. */
function factsLine(facts: Readonly<Record<string, unknown>>, course: Course): string {
  const parts = Object.entries(facts).flatMap(([name, value]) =>
    value === "" || value === null || name === "atMs" ? [] : [factText(name, value, course)],
  );
  return oneLine(parts.join(" · "));
}

/** `durationMs 10000.4` reads as `duration 10.0 s`, a moment as everywhere on the page. */
function factText(name: string, value: unknown, { zeroMs }: Course): string {
  if (typeof value === "number" && name.endsWith("Ms")) {
    const isMoment = value > EARLIEST_MOMENT;
    return `${name.slice(0, -2)} ${isMoment ? atText(value, zeroMs) : duration(value)}`;
  }
  if (typeof value === "number") return `${name} ${Number.isInteger(value) ? number(value) : value.toFixed(1)}`;
  return `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`;
}
