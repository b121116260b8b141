import type { JSX } from "preact";
import type { Course } from "../course/course.ts";
import { oneLine } from "../plain-text.ts";
import { atText, zeroWords } from "./at-text.ts";
import { binWords, CHARTS, type ChartId } from "./charts.ts";
import { describeChart } from "./describe-chart.ts";

/** Charts whose few lines say at a glance what takes several sentences; those are for who does not see them. */
const TOLD_BY_LINES: ReadonlySet<ChartId> = new Set(["traffic", "capacity", "pods"]);

/**
 * One axis of time, and a place for each chart on it with what it shows in words. The page's script draws the charts, and fills their
 * tables when they are opened.
 */
export function TimelineSection({ course }: { readonly course: Course }): JSX.Element {
  return (
    <section id="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title" tabIndex={-1}>
        Timeline
      </h2>
      <p>
        Times count from {zeroWords(course.zero)}.{" "}
        <span class="scripted">
          Drag across a chart to look closer, or use the buttons; in a chart the arrow keys move the cursor, + and −
          zoom, Escape shows everything.
        </span>
      </p>
      <div id="toolbar" role="toolbar" aria-label="Time axis" hidden>
        <div class="buttons">
          <Button act="all" text="Whole run" />
          <Button act="change" text="The change" />
          <Button act="in" text="+" label="Zoom in" />
          <Button act="out" text="−" label="Zoom out" />
          <Button act="earlier" text="←" label="Earlier" />
          <Button act="later" text="→" label="Later" />
        </div>
        <label id="kinds">
          Clients{" "}
          <select id="kind">
            <option value="">all kinds</option>
            {Object.keys(course.kinds).map((kind) => (
              <option key={kind} value={oneLine(kind)}>
                {oneLine(kind)}
              </option>
            ))}
          </select>
        </label>
        <p id="readout" />
      </div>
      <noscript>
        <p class="hint">
          Charts, and the tables behind them, need JavaScript. Verdict, checks, failures and the states of the rollout
          are told without.
        </p>
      </noscript>
      <ol class="phases" aria-label="Phases of the run">
        {course.phases.map(({ name, fromMs, untilMs }, index) => (
          <li key={index}>
            <button type="button" class="phase" data-at={String(fromMs)} data-until={String(untilMs)}>
              {oneLine(name)} <span>{atText(fromMs, course.zeroMs)}</span>
            </button>
          </li>
        ))}
      </ol>
      {CHARTS.map(({ id, title, says }) => (
        <figure key={id} id={`figure-${id}`} class="chart">
          <figcaption>
            <h3 id={`title-${id}`}>{title}</h3>
            <p>{says.replace("{bin}", binWords(course.bins.widthMs))}</p>
            <p id={`told-${id}`} class={TOLD_BY_LINES.has(id) ? "told by-lines" : "told"}>
              {describeChart(id, course)}
            </p>
          </figcaption>
          <div class="keys" id={`keys-${id}`} />
          <div class="plot" id={`plot-${id}`} />
          <details class="data" id={`data-${id}`}>
            <summary>{title} as a table</summary>
            <div class="scroll" tabIndex={0} role="region" aria-label={`${title} as a table`} />
          </details>
        </figure>
      ))}
      <div id="tooltip" role="tooltip" hidden />
      <div id="announcement" aria-live="polite" />
    </section>
  );
}

function Button({
  act,
  text,
  label,
}: {
  readonly act: string;
  readonly text: string;
  readonly label?: string;
}): JSX.Element {
  return (
    <button type="button" data-act={act} {...(label === undefined ? {} : { "aria-label": label, title: label })}>
      {text}
    </button>
  );
}
