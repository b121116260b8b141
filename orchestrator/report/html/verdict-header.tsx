import type { JSX } from "preact";
import { number, seconds } from "../../history/words.ts";
import { hasBudget } from "../../judge/change-words.ts";
import type { RunResult } from "../../judge/run-result.ts";
import { oneLine } from "../plain-text.ts";
import { SYMBOLS } from "../symbols.ts";

/** What a person sees first: the verdict, why, and the five figures that everybody asks for. */
export function VerdictHeader({ result }: { readonly result: RunResult }): JSX.Element {
  const { verdict, sentence, runId } = result;
  return (
    <header class={`verdict ${verdict}`}>
      <p class="badge">
        <span aria-hidden="true">{SYMBOLS[verdict]}</span> {verdict}
      </p>
      <h1>{oneLine(sentence)}</h1>
      <p class="run">{oneLine(runId)}</p>
      <dl class="tiles">
        {tiles(result).map(({ name, value, note, bad }) => (
          <div key={name} class={bad === true ? "bad" : ""}>
            <dt>{name}</dt>
            <dd>
              <strong>{value}</strong> <span>{note}</span>
            </dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly bad?: boolean;
}

function tiles({ load, change, environment }: RunResult): Tile[] {
  const { requests, failed, hanging, failureUpperBound, meanRate, plannedRate, dropped } = load;
  const notServed = failed + hanging;
  const allowed =
    change.budget === undefined || !hasBudget(change) ? "" : `, ${number(change.budget.failedRequests)} allowed`;
  const stays = change.way === "in-place" || change.way === "steady";
  return [
    {
      name: "Requests",
      value: number(requests),
      // Without a rate there was no stop on record either.
      note: `warm-up included; ${meanRate === null ? "no stop on record" : `${number(load.interrupted)} in flight at the stop`}`,
    },
    {
      name: "Failed or hung",
      value: number(notServed),
      note:
        notServed > 0
          ? `${number(failed)} failed, ${number(hanging)} hung${allowed}`
          : failureUpperBound === null
            ? "of what is on record"
            : `95 %: fewer than 1 in ${number(Math.floor(1 / failureUpperBound))}`,
      bad: notServed > 0,
    },
    {
      name: "Rate",
      value: meanRate === null ? "unknown" : `${number(meanRate)}/s`,
      note: `${plannedRate === null ? "as fast as answers came" : `planned ${number(plannedRate)}/s`}, ${number(dropped)} dropped`,
      bad: dropped > 0,
    },
    {
      name: change.way === "steady" ? "Watched" : "Change",
      value: change.seconds === null ? "not finished" : seconds(change.seconds * 1000),
      note: oneLine(stays ? change.scenario : `${change.scenario}, ${strategyText(change.strategy)}`),
      bad: change.seconds === null,
    },
    {
      name: "On",
      value: versionOf(environment, "kuberay", "KubeRay"),
      note: [
        versionOf(environment, "ray", "Ray"),
        gatewayOf(environment),
        versionOf(environment, "kubernetes", "Kubernetes"),
      ].join(", "),
    },
  ];
}

/** A strategy without a name of its own goes by its numbers. */
function strategyText({
  name,
  stepSizePercent,
  intervalSeconds,
  maxSurgePercent,
}: RunResult["change"]["strategy"]): string {
  const numbers = `${stepSizePercent}/${intervalSeconds}/${maxSurgePercent}`;
  return name === numbers ? numbers : `${name} ${numbers}`;
}

function gatewayOf(environment: RunResult["environment"]): string {
  const isContour = environment.versions["contour"] !== undefined && environment.versions["envoyGateway"] === undefined;
  return isContour
    ? versionOf(environment, "contour", "Contour")
    : versionOf(environment, "envoyGateway", "Envoy Gateway");
}

function versionOf({ versions }: RunResult["environment"], part: string, name: string): string {
  return oneLine(`${name} ${versions[part] ?? "?"}`);
}
