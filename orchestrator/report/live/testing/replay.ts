/** For tests and developers only: a recorded run, told again line by line as it came. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { z } from "zod";
import { ledgerLineSchema, type LedgerLine } from "../../../history/ledger.ts";
import { observationSchema, type Observation } from "../../../history/observation.ts";
import { planSchema, type Plan } from "../../../plan/plan.ts";
import { FILES } from "../../../recording/format.ts";

/** What came at a moment of the runner's monotonic clock: an observation, or a flush of the ledger. */
export type Told = { readonly monoMs: number } & (
  { readonly observation: Observation } | { readonly rows: readonly LedgerLine[] }
);

/** A recording, packed or not, in the order of its times. A flush of the ledger counts as told at its heartbeat's own time. */
export async function recordedRun(directory: string): Promise<{ readonly plan: Plan; readonly told: readonly Told[] }> {
  const plan = planSchema.parse(JSON.parse(await textOf(directory, FILES.plan)));
  const history = linesIn(await textOf(directory, FILES.history), observationSchema);
  const ledger = linesIn(await textOf(directory, FILES.ledger), ledgerLineSchema);
  const [first] = history;
  const wallAheadMs = first === undefined ? 0 : first.wallMs - first.monoMs;
  const told: Told[] = history.map((observation) => ({ monoMs: observation.monoMs, observation }));
  let rows: LedgerLine[] = [];
  for (const line of ledger) {
    rows.push(line);
    if (!("atMs" in line)) continue;
    told.push({ monoMs: line.atMs - wallAheadMs, rows });
    rows = [];
  }
  return { plan, told: told.sort((a, b) => a.monoMs - b.monoMs) };
}

/** The text of a file, or of the same file packed with gzip. */
async function textOf(directory: string, name: string): Promise<string> {
  try {
    return await readFile(join(directory, name), "utf8");
  } catch {
    const unpacked = await promisify(gunzip)(await readFile(join(directory, `${name}.gz`)));
    return unpacked.toString("utf8");
  }
}

/** The lines after the header; one that was cut short is left out. */
function linesIn<T>(text: string, schema: z.ZodType<T>): T[] {
  return text
    .slice(0, text.lastIndexOf("\n"))
    .split("\n")
    .slice(1)
    .map((line) => schema.parse(JSON.parse(line)));
}
