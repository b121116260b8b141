import type { JSX } from "preact";
import type { RunResult } from "../../judge/run-result.ts";
import { changeRows, noStepsText, stepColumns, stepRows } from "../change-rows.ts";
import {
  CLIENT_COLUMNS,
  clientRows,
  FIRST_TOKEN_COLUMNS,
  firstTokenRows,
  LATENCY_COLUMNS,
  latencyRows,
  loadRows,
  shareRows,
} from "../load-rows.ts";
import { Facts, Table } from "./table.tsx";

/** The change step by step, and what clients saw, in the same rows and words as the other reports. */
export function LoadSection({ result: { load, change } }: { readonly result: RunResult }): JSX.Element {
  const steps = stepRows(change);
  const none = noStepsText(change);
  const clients = clientRows(load);
  const firstTokens = firstTokenRows(load);
  return (
    <>
      <section aria-labelledby="change-title">
        <h2 id="change-title">Change</h2>
        <Facts rows={changeRows(change)} />
        {steps.length > 0 ? (
          <Table caption="States of the rollout" columns={stepColumns(change)} rows={steps} align="right" />
        ) : none === null ? null : (
          <p>{none}</p>
        )}
      </section>
      <section aria-labelledby="load-title">
        <h2 id="load-title">Load</h2>
        <Facts rows={[...loadRows(load), ...shareRows(load)]} />
        <Table
          caption="Latency in ms"
          columns={["", ...LATENCY_COLUMNS]}
          rows={latencyRows(load.latency).map(([phase, cells]) => [
            phase,
            ...(cells ?? LATENCY_COLUMNS.map(() => "–")),
          ])}
          align="right"
        />
        {clients.length === 0 ? null : (
          <Table
            caption="By kind of client; p50/p95/p99 in ms"
            columns={["kind", ...CLIENT_COLUMNS]}
            rows={clients.map(([client, cells]) => [client, ...cells])}
            align="right"
          />
        )}
        {firstTokens.length === 0 ? null : (
          <Table
            caption="Time to the first token; p50/p95/p99 in ms"
            columns={["kind", ...FIRST_TOKEN_COLUMNS]}
            rows={firstTokens.map(([client, cells]) => [client, ...cells])}
            align="right"
          />
        )}
      </section>
    </>
  );
}
