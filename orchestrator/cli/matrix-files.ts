import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { runResultSchema, type RunResult } from "../judge/run-result.ts";
import { UsageError } from "../plan/errors.ts";
import { parseMatrixSet, type MatrixCell } from "../plan/matrix-set.ts";
import { nearestIs } from "../plan/nearest.ts";
import { parse } from "../recording/parse.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { matrixPage } from "../report/html/matrix-page.tsx";
import { MATRIX_JSON, matrixSchema, type Matrix } from "../report/matrix/matrix.ts";
import { matrixJunit } from "../report/matrix/matrix-junit.ts";
import { matrixMarkdown } from "../report/matrix/matrix-markdown.ts";
import { setName } from "../report/matrix/matrix-rows.ts";
import { RUN_JSON } from "../report/run-json.ts";
import { shellWord } from "../report/shell-word.ts";
import { pageAssets } from "./page-assets.ts";
import { reasonOf } from "./reason.ts";
import { SCENARIOS, scenarioNames } from "./scenario-files.ts";
import { started, typed } from "./started.ts";
import { readTable, tableJson, writeSection, type TableKind } from "./table-files.ts";

const SETS = "sets";
const SET = ".yaml";
/** What a matrix's folder is. */
export const MATRIX: TableKind = { name: "matrix", begun: "a matrix that was begun", file: MATRIX_JSON };

/** The cells of the set of that name in scenarios/sets, or in that file. Rejects with a UsageError of one sentence for one that is not there, or is wrong. */
export async function loadSet(
  asked: string,
  from: { readonly root: string; readonly cwd: string },
): Promise<MatrixCell[]> {
  const scenarios = await scenarioNames(from.root);
  const isFile = asked.includes("/") || asked.endsWith(SET);
  const file = isFile ? resolve(from.cwd, asked) : join(from.root, SCENARIOS, SETS, asked + SET);
  if (!isFile) {
    const names = await setNames(from.root);
    if (!names.includes(asked)) {
      throw new UsageError(
        `--set must be ${names.join(", ")} or a file; received "${asked}", ${nearestIs(asked, names)}.`,
      );
    }
  }
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`--set must be a set or a file that can be read; received ${reasonOf(error)} for "${asked}".`);
  }
  const source = isFile ? asked : join(SCENARIOS, SETS, asked + SET);
  return parseMatrixSet(text, source, scenarios);
}

/** The names of the sets that come with zerodrop, sorted. */
export async function setNames(root: string): Promise<string[]> {
  const files = await readdir(join(root, SCENARIOS, SETS));
  return files
    .filter((file) => file.endsWith(SET))
    .map((file) => file.slice(0, -SET.length))
    .sort();
}

/** The matrix in a folder. Rejects with a UsageError when it holds none that can be read. */
export function readMatrix(folder: string): Promise<Matrix> {
  return readTable(MATRIX, matrixSchema, folder);
}

/** The results of the runs that have a verdict, by folder; those that cannot be read any more are left out. */
export async function readResults(folder: string, { runs }: Matrix): Promise<Map<string, RunResult>> {
  const results = new Map<string, RunResult>();
  for (const run of runs) {
    if (run.folder === null || run.outcome === null) continue;
    const path = join(folder, run.folder, RUN_JSON.file);
    try {
      results.set(
        run.folder,
        parse(runResultSchema, await readFile(path, "utf8"), () => path),
      );
    } catch {
      // The table has what it needs of it.
    }
  }
  return results;
}

/** Writes matrix.json, and the tables that are made from it. Each file is there whole, or as it was before. */
export async function writeMatrix(
  folder: string,
  {
    matrix,
    results,
    root,
  }: { readonly matrix: Matrix; readonly results: ReadonlyMap<string, RunResult>; readonly root: string },
): Promise<void> {
  const toRoot = `${relative(folder, root) || "."}/`;
  // First: from it all others can be made again.
  await replaceFile(join(folder, MATRIX_JSON), tableJson(matrix));
  await replaceFile(join(folder, "matrix.md"), matrixMarkdown(matrix, { toRoot, toMatrix: "" }));
  await replaceFile(join(folder, "junit.xml"), matrixJunit(matrix, results));
  await replaceFile(join(folder, "index.html"), matrixPage({ matrix, assets: await pageAssets(), toRoot }));
}

/** Puts a matrix's table into a file of tables, in which each set has a section; the rest of the file stays as it is. */
export async function writeResults(
  file: string,
  { matrix, root }: { readonly matrix: Matrix; readonly root: string },
): Promise<void> {
  const { set, only, rate } = matrix.asked;
  const flags = [
    ...(set === "default" ? [] : ["--set", shellWord(set)]),
    ...(only === null ? [] : ["--only", only.join(",")]),
    ...(rate === null ? [] : ["--rate", String(rate)]),
  ];
  const section = {
    name: setName(matrix).replaceAll(/[^A-Za-z0-9]+/g, "-"),
    command: typed(["matrix", ...flags].join(" ")),
    // The file is made to be kept; what is below node_modules is not.
    body: matrixMarkdown(matrix, {
      toRoot: started === "package" ? null : `${relative(dirname(file), root) || "."}/`,
      toMatrix: null,
    }),
  };
  await writeSection(file, section);
}
