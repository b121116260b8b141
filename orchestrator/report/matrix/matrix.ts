import { z } from "zod";
import { VERDICTS } from "../../judge/verdict.ts";
import { matrixCellSchema, type MatrixCell } from "../../plan/matrix-set.ts";

/** The file in a matrix's folder that says how far it came; the tables are made from it. */
export const MATRIX_JSON = "matrix.json";
/** Goes up when a reader of the file has to be changed. */
const VERSION = 1;

const count = z.number().int().nonnegative();

/** What the runs of a table ran on. */
export const environmentSchema = z.object({
  /** Versions found, else as asked for. */
  versions: z.record(z.string(), z.string()),
  cpus: z.number().nullable(),
  memoryGiB: z.number().nullable(),
  kernel: z.string().nullable(),
  os: z.string().nullable(),
});
export type MatrixEnvironment = z.infer<typeof environmentSchema>;

/** What a run's judge said that a table tells. */
const outcomeSchema = z.object({
  verdict: z.enum(VERDICTS),
  judge: z.string(),
  sentence: z.string(),
  requests: count,
  /** Failed or hanging. */
  failed: count,
  /** Seconds without being served; null when that could not be judged. */
  disruptedSeconds: z.number().nullable(),
  /** From trigger to the end of the change; null when it did not come. */
  seconds: z.number().nullable(),
  /** Declared upstream defects that explain what was witnessed, and their pages from the project's root. */
  knownDefects: z.array(z.object({ id: z.string(), page: z.string() })),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** How far a run of a table came. */
export const runProgressSchema = z.object({
  /**
   * `planned`: not begun, or interrupted. `running`: begun; in a file that nobody writes any more, the run was killed. `done`: there is a verdict.
   * `failed-to-run`: there is none, for what `error` says.
   */
  status: z.enum(["planned", "running", "done", "failed-to-run"]),
  /** The recording's folder, from the table's; null before it began. */
  folder: z.string().nullable(),
  /** Wall time, ISO 8601. */
  startedAt: z.iso.datetime().nullable(),
  /** From its beginning to the verdict, staging included. */
  tookSeconds: z.number().nonnegative().nullable(),
  /** What the process would have exited with, had it been this run's alone. */
  exitCode: z.number().int().nullable(),
  error: z.string().nullable(),
});
export type RunProgress = z.infer<typeof runProgressSchema>;

const runSchema = runProgressSchema.extend({
  cell: z.string(),
  /** Of the cell's runs, from 1. */
  number: z.number().int().positive(),
  scenario: z.string(),
  /** Name of the strategy that the plan has. */
  strategy: z.string(),
  outcome: outcomeSchema.nullable(),
});
export type MatrixRun = z.infer<typeof runSchema>;

export const matrixSchema = z.object({
  schemaVersion: z.literal(VERSION),
  /** Wall time, ISO 8601. */
  createdAt: z.iso.datetime(),
  /** What was asked for, as it was typed; a matrix that is resumed goes on with that. */
  asked: z.object({
    set: z.string(),
    only: z.array(z.string()).nullable(),
    rate: z.union([z.number().int().positive(), z.literal("max")]).nullable(),
  }),
  cells: z.array(matrixCellSchema).min(1),
  /** In the order in which they are run. */
  runs: z.array(runSchema).min(1),
  /** Each that was met, once, the first one first. */
  environments: z.array(environmentSchema),
});
export type Matrix = z.infer<typeof matrixSchema>;

/** A matrix of which nothing has run. `strategyOf` tells the name of the strategy that a cell's plan has. */
export function newMatrix(
  cells: readonly MatrixCell[],
  from: {
    readonly asked: Matrix["asked"];
    readonly createdAt: string;
    readonly strategyOf: (cell: MatrixCell) => string;
  },
): Matrix {
  const runs = cells.flatMap((cell) =>
    Array.from({ length: cell.repeat }, (_, index): MatrixRun => {
      const { name, scenario } = cell;
      return { ...NOT_BEGUN, cell: name, number: index + 1, scenario, strategy: from.strategyOf(cell) };
    }),
  );
  const { asked, createdAt } = from;
  return { schemaVersion: VERSION, createdAt, asked, cells: [...cells], runs, environments: [] };
}

/** A run of a table that has not begun. */
export const NOT_BEGUN = {
  status: "planned",
  folder: null,
  startedAt: null,
  tookSeconds: null,
  exitCode: null,
  outcome: null,
  error: null,
} as const;

/** The table with something else about one of its runs. */
export function withRun<T extends { readonly runs: readonly RunProgress[] }>(
  table: T,
  index: number,
  change: Partial<T["runs"][number]>,
): T {
  return { ...table, runs: table.runs.map((run, at) => (at === index ? { ...run, ...change } : run)) };
}

/** The table with an environment that a run met. */
export function withEnvironment<T extends { readonly environments: readonly MatrixEnvironment[] }>(
  table: T,
  environment: MatrixEnvironment,
): T {
  const key = JSON.stringify(environment);
  const known = table.environments.some((one) => JSON.stringify(one) === key);
  return known ? table : { ...table, environments: [...table.environments, environment] };
}

/**
 * What is to be run of a matrix that was left: everything that has no verdict. A run that was interrupted, or killed, is run again, and so is one that
 * could not be run, for what kept it from that may be mended. So is an invalid run of the cells called `again`; whatever is evidence stays: a table from which
 * it could be taken would prove nothing.
 */
export function toResume(matrix: Matrix, again: readonly string[] = []): Matrix {
  const stays = ({ cell, status, outcome }: MatrixRun): boolean =>
    status === "done" && !(outcome?.verdict === "invalid" && again.includes(cell));
  return { ...matrix, runs: matrix.runs.map((run) => (stays(run) ? run : { ...run, ...NOT_BEGUN })) };
}

/** How a run is called in a table: its cell, and which of the cell's runs it is where there are several. */
export function runName(
  { cell, number }: Pick<MatrixRun, "cell" | "number">,
  { cells }: Pick<Matrix, "cells">,
): string {
  const { repeat = 1 } = cells.find(({ name }) => name === cell) ?? {};
  return repeat === 1 ? cell : `${cell} ${number}/${repeat}`;
}
