import { join } from "node:path";
import { UsageError } from "../plan/errors.ts";
import type { MatrixCell } from "../plan/matrix-set.ts";
import type { Plan } from "../plan/plan.ts";
import { parseStrategy } from "../plan/strategy.ts";
import { runName, type Matrix, type MatrixRun } from "../report/matrix/matrix.ts";
import { whatIsCreated } from "./embedded-request.ts";
import { planRun } from "./request.ts";
import type { Places } from "./started.ts";
import { freeFolder } from "./table-files.ts";

/** The cell of a run. */
export function cellOf({ cells }: Matrix, { cell }: MatrixRun): MatrixCell {
  const found = cells.find(({ name }) => name === cell);
  if (found === undefined) throw new UsageError(`The matrix must have every cell that it runs; received "${cell}".`);
  return found;
}

/** What a cell's plan is made from, beside the cell. */
interface CellFrom extends Places {
  readonly now: Date;
  /** Of every run of the matrix, whatever its cell says; null where none was asked for. */
  readonly rate: Matrix["asked"]["rate"];
  /** Absolute path of the recording's folder. */
  readonly out: string;
}

/** A cell's plan, as `npm run load` would make it. Creates nothing; rejects with a UsageError. */
export async function planCell(
  { scenario, strategy, serveIngress, clients, rate: ofCell }: MatrixCell,
  { rate: ofAll, out, ...from }: CellFrom,
): Promise<{ plan: Plan; out: string }> {
  const rate = ofAll ?? ofCell;
  const request = {
    scenario,
    ...(strategy === undefined ? {} : { strategy: parseStrategy(strategy, `Cell ${scenario}: strategy`) }),
    ...(serveIngress === undefined ? {} : { serveIngress }),
    ...(clients === undefined ? {} : { clients }),
    ...(rate === undefined ? {} : { rate }),
  };
  return planRun({ request, configFile: undefined, out }, from);
}

/** What is left to run of a matrix in its folder, as plans: JSON with a newline at the end. */
export async function matrixPlans(
  { folder, matrix }: { readonly folder: string; readonly matrix: Matrix },
  from: Omit<CellFrom, "rate" | "out">,
): Promise<string> {
  const { rate } = matrix.asked;
  const runs = [];
  for (const [index, run] of matrix.runs.entries()) {
    if (run.status === "done") continue;
    const name = await folderFor(folder, run, index, matrix);
    const out = join(folder, name);
    const { plan } = await planCell(cellOf(matrix, run), { ...from, rate, out });
    runs.push({ name: runName(run, matrix), plan, out, creates: whatIsCreated(plan) });
  }
  return `${JSON.stringify({ out: folder, runs }, null, 2)}\n`;
}

/** `07-rollback-early`, with the run's number where its cell has several, and another one at the end where a run that was cut short left its folder. */
export async function folderFor(folder: string, run: MatrixRun, index: number, matrix: Matrix): Promise<string> {
  const { repeat } = cellOf(matrix, run);
  const name = `${run.cell}${repeat === 1 ? "" : `-${String(run.number)}`}`;
  return freeFolder(folder, { name, index, of: matrix.runs.length });
}
