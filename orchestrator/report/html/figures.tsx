import type { ComponentChild, JSX } from "preact";
import { number } from "../../history/words.ts";
import { oneLine, shortened } from "../plain-text.ts";

/** Rows of a figure's table that are shown; run.json has them all. */
const MOST_ROWS = 40;
const LONGEST_TEXT = 400;
/** A year no run was made in begins here (Unix ms); larger numbers under a name that ends in Ms are moments, not durations. */
export const EARLIEST_MOMENT = Date.UTC(2000, 0);

/** A check's figures as they stand in run.json, whatever they are: lists of records as tables, the rest as names and values. */
export function Figures({ value }: { readonly value: Readonly<Record<string, unknown>> }): JSX.Element {
  return (
    <dl class="figures">
      {Object.entries(value).map(([name, one]) => (
        <div key={name}>
          <dt>{plain(name)}</dt>
          <dd>{shown(one, name)}</dd>
        </div>
      ))}
    </dl>
  );
}

function shown(value: unknown, name: string): ComponentChild {
  if (Array.isArray(value)) return list(value);
  if (isRecord(value)) return Object.keys(value).length === 0 ? "none" : <Figures value={value} />;
  return scalar(value, name);
}

function list(values: readonly unknown[]): ComponentChild {
  if (values.length === 0) return "none";
  if (!values.every(isRecord)) return values.map((value) => text(value)).join(", ");
  const columns = [...new Set(values.flatMap((value) => Object.keys(value)))];
  const left = values.length - MOST_ROWS;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of figures">
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {plain(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {values.slice(0, MOST_ROWS).map((value, index) => (
            <tr key={index}>
              {columns.map((column) => (
                <td key={column}>{scalar(value[column], column)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 ? <p>{`… and ${number(left)} more in run.json.`}</p> : null}
    </div>
  );
}

function scalar(value: unknown, name: string): string {
  if (typeof value === "number" && name.endsWith("Ms") && value > EARLIEST_MOMENT) return iso(value);
  return text(value);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? number(value) : String(Math.round(value * 1e4) / 1e4);
  return plain(typeof value === "string" ? value : JSON.stringify(value));
}

/** The time of day suffices: the page says which day it was. */
function iso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : `${date.toISOString().slice(11, 23)} UTC`;
}

function plain(value: string): string {
  return shortened(oneLine(value), LONGEST_TEXT);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
