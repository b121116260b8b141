import { join } from "node:path";
import type { RunResult } from "../judge/run-result.ts";
import { UsageError } from "../plan/errors.ts";
import { selectCells, type MatrixCell } from "../plan/matrix-set.ts";
import { outputsOf } from "../plan/out-k6.ts";
import { withHeaderSecrets } from "../plan/own-secrets.ts";
import { newMatrix, runName, toResume, type Matrix, type MatrixRun } from "../report/matrix/matrix.ts";
import { matrixMarkdown } from "../report/matrix/matrix-markdown.ts";
import { matrixText } from "../report/matrix/matrix-text.ts";
import { SYMBOLS } from "../report/symbols.ts";
import type { MatrixCommand } from "./args.ts";
import { applicationOf } from "./embedded-request.ts";
import type { LoadParts } from "./load.ts";
import { judgedAgain } from "./matrix-again.ts";
import { cellOf, folderFor, matrixPlans, planCell } from "./matrix-cells.ts";
import { loadSet, MATRIX, readMatrix, readResults, writeMatrix, writeResults } from "./matrix-files.ts";
import { listText } from "./matrix-list.ts";
import { exitCodeOfMatrix, goThrough, type CellEnding } from "./matrix-loop.ts";
import { momentsAfter } from "./moments.ts";
import { asTyped, checkOut } from "./out.ts";
import { runPlan } from "./run-plan.ts";
import { StageKeeper } from "./stage-keeper.ts";
import { typed } from "./started.ts";
import { appendStepSummary } from "./step-summary.ts";
import { newFolder, requireSameFlags, resumedFolder, tableJson, takeTable } from "./table-files.ts";
import type { ApplicationRequest } from "../stage/manifests.ts";

export interface MatrixParts extends LoadParts {
  /** Columns of the terminal. */
  readonly width: number;
  /** Wall ms; the system's when left out. */
  readonly now?: () => number;
}

/** A matrix in its folder. */
interface Opened {
  readonly folder: string;
  readonly matrix: Matrix;
}

/**
 * `npm run matrix`: a set of scenarios on one cluster, one after another, told in one table that is written anew after every run. Nothing but an
 * interruption ends it before its end; `--resume` then goes on with it. Resolves to the worst exit code of its runs.
 */
export async function runMatrix(command: MatrixCommand, parts: MatrixParts): Promise<number> {
  const { root, cwd, home, progress, print } = parts;
  if (command.list) {
    print(await listText(command.set, parts));
    return 0;
  }
  const moments = momentsAfter(parts.now ?? (() => Date.now()));
  const found = command.resume ? await opened(command, parts) : await planned(command, parts, moments());
  const { folder } = found;
  if (command.dryRun) {
    print(await matrixPlans(found, { root, cwd, home, now: moments() }));
    return 0;
  }
  await using taken = await takeTable(folder, command, cwd);
  const { resultsFile } = taken;
  // Whoever had it until now may have gone on with it.
  const { matrix: begun } = command.resume ? await opened(command, parts) : found;
  const results = await readResults(folder, begun);
  const note = (text: string): void => progress.note(text);
  const matrix = command.resume ? await judgedAgain({ folder, matrix: begun, results }, note) : begun;
  const save = async (now: Matrix, fresh?: { readonly folder: string; readonly result: RunResult }): Promise<void> => {
    if (fresh !== undefined) results.set(fresh.folder, fresh.result);
    await writeMatrix(folder, { matrix: now, results, root });
    if (resultsFile !== undefined) await writeResults(resultsFile, { matrix: now, root });
  };
  await save(matrix);
  await using stages = new StageKeeper({ note });
  const ended = await goThrough(matrix, {
    folderFor: (run, index) => folderFor(folder, run, index, matrix),
    run: (run, name, next) => runCell({ run, name, next }, { command, parts, folder, matrix, moments, stages }),
    save,
    now: () => new Date(),
    monoMs: () => performance.now(),
  });
  const place = { colour: parts.colour, width: parts.width, folder: asTyped(folder, cwd) };
  print(command.json ? tableJson(ended.matrix) : matrixText(ended.matrix, place));
  // A job's page is in no folder: nothing can be linked from there.
  const summary = matrixMarkdown(ended.matrix, { toRoot: null, toMatrix: null });
  await appendStepSummary(summary, { env: parts.env, note });
  if (ended.interrupted !== undefined) {
    note(`Go on with it with: ${typed(`matrix --resume --out ${place.folder}`)}`);
    throw ended.interrupted;
  }
  return exitCodeOfMatrix(ended.matrix, command.acceptKnown);
}

/** A new matrix of which every cell can be planned. Creates nothing. */
async function planned(command: MatrixCommand, parts: MatrixParts, now: Date): Promise<Opened> {
  const { set = "default", only, rate = null } = command;
  const { root, cwd, home } = parts;
  const all = await loadSet(set, parts);
  const cells = only === undefined ? all : selectCells(all, only, "--only");
  const folder = newFolder(MATRIX, command.out, { home, cwd, now });
  await checkOut(folder);
  const strategies = new Map<string, string>();
  for (const cell of cells) {
    const { plan } = await planCell(cell, { root, cwd, home, now, rate, out: join(folder, cell.name) });
    strategies.set(cell.name, plan.strategy.name);
  }
  const matrix = newMatrix(cells, {
    asked: { set, only: only === undefined ? null : [...only], rate },
    createdAt: now.toISOString(),
    strategyOf: (cell) => strategies.get(cell.name) ?? "",
  });
  return { folder, matrix };
}

/** A matrix that was begun, with what is left to do. What it was asked for stays: another set, selection or rate is another matrix. */
async function opened(command: MatrixCommand, parts: MatrixParts): Promise<Opened> {
  const folder = await resumedFolder(MATRIX, command.out, parts);
  const matrix = await readMatrix(folder);
  const { set, only, rate } = matrix.asked;
  requireSameFlags("the matrix that is", [
    ["--set", command.set, set],
    ["--only", command.only?.join(","), only?.join(",") ?? "all cells"],
    ["--rate", command.rate === undefined ? undefined : String(command.rate), String(rate ?? "the default rate")],
  ]);
  const again = command.again === undefined ? [] : askedAgain(matrix, command.again);
  const cells = explainedBy(await setByNow(set, parts), matrix.cells);
  return { folder, matrix: toResume({ ...matrix, cells }, again) };
}

/** The set's cells as they are now; none where its file is gone, or not to be read any more: what is left of the matrix can be run all the same. */
async function setByNow(set: string, parts: MatrixParts): Promise<MatrixCell[]> {
  try {
    return await loadSet(set, parts);
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

/** The cells with the findings that the set names by now: what explains a run is often found out after it. */
function explainedBy(set: readonly MatrixCell[], cells: readonly MatrixCell[]): MatrixCell[] {
  return cells.map(({ finding: before, ...cell }) => {
    const now = set.find(({ name }) => name === cell.name);
    const finding = now === undefined ? before : now.finding;
    return { ...cell, ...(finding === undefined ? {} : { finding }) };
  });
}

/** The names of the cells of which `--again` asks; one at least must have an invalid run. */
function askedAgain({ cells, runs }: Matrix, names: readonly string[]): string[] {
  const again = selectCells(cells, names, "--again").map(({ name }) => name);
  if (runs.some(({ cell, outcome }) => again.includes(cell) && outcome?.verdict === "invalid")) return again;
  throw new UsageError(`--again must name cells with an invalid run in the matrix; received ${names.join(",")}.`);
}

interface CellParts {
  readonly command: MatrixCommand;
  readonly parts: MatrixParts;
  readonly folder: string;
  readonly matrix: Matrix;
  readonly moments: () => Date;
  readonly stages: StageKeeper;
}

async function runCell(
  { run, name, next }: { readonly run: MatrixRun; readonly name: string; readonly next: MatrixRun | undefined },
  { command, parts, folder, matrix, moments, stages }: CellParts,
): Promise<CellEnding> {
  const { root, cwd, home, progress, signal, env, run: make = runPlan } = parts;
  const now = moments();
  const { rate } = matrix.asked;
  const { plan, out } = await planCell(cellOf(matrix, run), { root, cwd, home, now, rate, out: join(folder, name) });
  // The run after it may do with the application that this one leaves.
  stages.expect(next === undefined ? undefined : await wantedBy(cellOf(matrix, next)));
  const place = matrix.runs.findIndex((one) => one.cell === run.cell && one.number === run.number) + 1;
  progress.note(`Run ${String(place)} of ${String(matrix.runs.length)}: ${runName(run, matrix)}`);
  const keep = command.keep && next === undefined;
  const { judged, error } = await make(
    { plan, out, outK6: withHeaderSecrets(outputsOf([], env), plan, env), keep },
    { home, cwd, progress, signal, stages },
  );
  if (judged !== undefined) {
    const { verdict, sentence } = judged.result;
    progress.note(`${SYMBOLS[verdict]} ${runName(run, matrix)}, ${verdict}: ${sentence}`);
  }
  return { result: judged?.result, error };

  /** A cell that cannot be planned wants nothing; why not is told when it is its turn. */
  async function wantedBy(cell: MatrixCell): Promise<ApplicationRequest | undefined> {
    try {
      const wanted = await planCell(cell, { root, cwd, home, now, rate, out: join(folder, `${name}.next`) });
      return applicationOf(wanted.plan);
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }
}
