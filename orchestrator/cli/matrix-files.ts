import { access, constants, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { runResultSchema, type RunResult } from "../judge/run-result.ts";
import { UsageError } from "../plan/errors.ts";
import { parseMatrixSet, type MatrixCell } from "../plan/matrix-set.ts";
import { nearest } from "../plan/nearest.ts";
import { stampOf } from "../plan/run-id.ts";
import { asRecordingError, parse } from "../recording/parse.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { matrixPage } from "../report/html/matrix-page.tsx";
import { MATRIX_JSON, matrixSchema, type Matrix } from "../report/matrix/matrix.ts";
import { matrixJunit } from "../report/matrix/matrix-junit.ts";
import { matrixMarkdown } from "../report/matrix/matrix-markdown.ts";
import { setName } from "../report/matrix/matrix-rows.ts";
import { withSection } from "../report/matrix/results-page.ts";
import { RUN_JSON } from "../report/run-json.ts";
import { shellWord } from "../report/shell-word.ts";
import { RESULTS } from "./out.ts";
import { pageAssets } from "./page-assets.ts";
import { reasonOf } from "./reason.ts";
import { SCENARIOS, scenarioNames } from "./scenario-files.ts";

const SETS = "sets";
const SET = ".yaml";
/** Begins the names of the folders that matrices get in results/. */
const MATRIX = "matrix-";

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
        `--set must be ${names.join(", ")} or a file; received "${asked}", nearest is ${nearest(asked, names) ?? ""}.`,
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

/** A new matrix's folder: `out` when it was asked for, otherwise results/matrix-TIME. */
export function newFolder(out: string | undefined, from: { root: string; cwd: string; now: Date }): string {
  if (out !== undefined) return resolve(from.cwd, out);
  return join(from.root, RESULTS, `${MATRIX}${stampOf(from.now)}`);
}

/** The folder of the matrix to go on with: `out`, or the latest one in results/. A UsageError when there is none. */
export async function resumedFolder(out: string | undefined, from: { root: string; cwd: string }): Promise<string> {
  if (out !== undefined) return resolve(from.cwd, out);
  const names = await readdir(join(from.root, RESULTS)).catch((): string[] => []);
  const latest = names
    .filter((name) => /^matrix-\d{8}-\d{6}$/.test(name))
    .sort()
    .at(-1);
  if (latest !== undefined) return join(from.root, RESULTS, latest);
  throw new UsageError(
    `--resume needs a matrix that was begun, in ${RESULTS}/ or with --out DIR; received nothing to go on with.`,
  );
}

/** The matrix in a folder. Rejects with a UsageError when it holds none that can be read. */
export async function readMatrix(folder: string): Promise<Matrix> {
  const path = join(folder, MATRIX_JSON);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`--resume needs a folder with a ${MATRIX_JSON}; received ${reasonOf(error)} for "${path}".`);
  }
  try {
    return parse(matrixSchema, text, () => path);
  } catch (error) {
    throw new UsageError(`--resume needs a ${MATRIX_JSON} of this zerodrop: ${asRecordingError(error, path).message}`);
  }
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
  await replaceFile(join(folder, MATRIX_JSON), matrixJson(matrix));
  await replaceFile(join(folder, "matrix.md"), matrixMarkdown(matrix, { toRoot, toMatrix: "" }));
  await replaceFile(join(folder, "junit.xml"), matrixJunit(matrix, results));
  await replaceFile(join(folder, "index.html"), matrixPage({ matrix, assets: await pageAssets(), toRoot }));
}

/** matrix.json's text. */
export function matrixJson(matrix: Matrix): string {
  return `${JSON.stringify(matrix, null, 2)}\n`;
}

/** Rejects with a UsageError when tables cannot be put into that file. Creates nothing. */
export async function checkResultsFile(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK);
    await tablesIn(file);
  } catch (error) {
    throw new UsageError(`--results must be a file that can be written to; received ${reasonOf(error)} for "${file}".`);
  }
}

/** Puts a matrix's table into a file of tables, in which each set has a section; the rest of the file stays as it is. */
export async function writeResults(
  file: string,
  { matrix, root }: { readonly matrix: Matrix; readonly root: string },
): Promise<void> {
  const text = await tablesIn(file);
  const { set, only, rate } = matrix.asked;
  const flags = [
    ...(set === "default" ? [] : ["--set", shellWord(set)]),
    ...(only === null ? [] : ["--only", only.join(",")]),
    ...(rate === null ? [] : ["--rate", String(rate)]),
  ];
  const section = {
    name: setName(matrix).replaceAll(/[^A-Za-z0-9]+/g, "-"),
    command: ["npm run matrix", ...(flags.length === 0 ? [] : ["--", ...flags])].join(" "),
    body: matrixMarkdown(matrix, { toRoot: `${relative(dirname(file), root) || "."}/`, toMatrix: null }),
  };
  await replaceFile(file, withSection(text, section));
}

/** Empty for a file that is not there yet. */
async function tablesIn(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (reasonOf(error) === "ENOENT") return "";
    throw error;
  }
}
