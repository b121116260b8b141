/** A made recording of the size that the issue names, with failures that are all different. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ledgerLineSchema, type Failed } from "../../orchestrator/history/ledger.ts";
import { CLIENT_KINDS } from "../../orchestrator/plan/clients.ts";
import { FILES } from "../../orchestrator/recording/format.ts";
import { writeLongRecording } from "../../scripts/bench/long-recording.ts";

const MINUTES = 10;
const RATE = 1000;
const POD_EVENTS_PER_MINUTE = 200;
/** As many failures as a ledger gives rows of their own. */
export const FAILURES = 10_000;

const headed = z.record(z.string(), z.unknown());

/**
 * Writes ten minutes at 1,000 requests/s into a folder: seven kinds of clients, 10,000 failures with a message each, spread over the run, and
 * totals that agree with them. Made data, for measuring what a page of that size takes; it says nothing about any cluster.
 */
export async function writeLongRun(folder: string): Promise<void> {
  await writeLongRecording(folder, { hours: MINUTES / 60, rate: RATE, podEventsPerMinute: POD_EVENTS_PER_MINUTE });
  const path = join(folder, FILES.ledger);
  const [header = "", ...lines] = (await readFile(path, "utf8")).trimEnd().split("\n");
  const rows = lines.map((line) => ledgerLineSchema.parse(JSON.parse(line)));
  const heartbeats = rows.filter(({ type }) => type === "heartbeat").length;
  const perHeartbeat = Math.ceil(FAILURES / heartbeats);
  const written: string[] = [header];
  let failed = 0;
  const append = (row: object): void => {
    written.push(JSON.stringify({ ...row, seq: written.length }));
  };
  for (const [index, row] of rows.entries()) {
    if (row.type === "answered") {
      append({ ...row, client: CLIENT_KINDS[index % CLIENT_KINDS.length] });
      continue;
    }
    if (row.type !== "heartbeat" && row.type !== "end") continue;
    const until = row.type === "end" ? FAILURES : Math.min(FAILURES, failed + perHeartbeat);
    for (; failed < until; failed += 1) append(failureOf(failed, row.atMs - 400 + (failed % perHeartbeat) * 20));
    append({ ...row, issued: row.issued + failed, failed });
  }
  await writeFile(path, `${written.join("\n")}\n`);
  const summary = join(folder, FILES.k6Summary);
  const { metrics, ...rest } = headed.parse(JSON.parse(await readFile(summary, "utf8")));
  const requests = { type: "counter", values: { count: RATE * (MINUTES * 60 - 1) + FAILURES } };
  await writeFile(summary, JSON.stringify({ ...rest, metrics: { ...headed.parse(metrics), http_reqs: requests } }));
}

/** A message as proxies and kernels write them, of which no two are equal, nor would be without their numbers. */
function failureOf(index: number, startMs: number): Omit<Failed, "seq"> {
  const word = index.toString(26).replaceAll(/\d/g, (digit) => "qrstuvwxyz".charAt(Number(digit)));
  return {
    type: "failed",
    startMs,
    durationMs: 10 + (index % 900),
    client: CLIENT_KINDS[index % CLIENT_KINDS.length] ?? "steady",
    outcome: index % 4 === 0 ? "hanging" : "failed",
    status: index % 4 === 0 ? 0 : 503,
    errorCode: 1000 + (index % 200),
    message: `upstream connect error or disconnect/reset before headers. reset reason: connection ${word}, delayed connect error: ${String(index)}`,
    cluster: "",
    version: "",
    connection: index % 3 === 0 ? "new" : "reused",
  };
}
