import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RunResult } from "../judge/run-result.ts";
import { SetUpError } from "../plan/errors.ts";
import { newMatrix, toResume, withRun, type Matrix } from "../report/matrix/matrix.ts";
import { brokenRun } from "../report/matrix/testing/matrices.ts";
import { runResult } from "../report/testing.ts";
import { InterruptedError } from "./interrupt.ts";
import { exitCodeOfMatrix, goThrough, type CellEnding } from "./matrix-loop.ts";

type Does = () => CellEnding;

const passes: Does = () => ({ result: runResult(), error: undefined });
const gives =
  (result: RunResult): Does =>
  () => ({ result, error: undefined });
const fails =
  (error: Error): Does =>
  () => ({ result: undefined, error });
const throws =
  (error: Error): Does =>
  () => {
    throw error;
  };
const setUp = new SetUpError("The image could not be pulled.");
const interrupted = new InterruptedError("SIGINT");

function matrixOf(count: number): Matrix {
  const cells = Array.from({ length: count }, (_, index) => ({
    name: `cell-${String(index)}`,
    scenario: "upgrade",
    repeat: 1,
  }));
  return newMatrix(cells, {
    asked: { set: "mine", only: null, rate: null },
    createdAt: "2026-03-14T09:00:00.000Z",
    strategyOf: () => "aggressive",
  });
}

/** Goes through a matrix whose runs do this, by their place among those that are run. */
async function through(matrix: Matrix, runs: readonly Does[]) {
  const saved: Matrix[] = [];
  const made: string[] = [];
  const nexts: (string | undefined)[] = [];
  let ms = 0;
  const ended = await goThrough(matrix, {
    folderFor: (run) => Promise.resolve(`folder-of-${run.cell}`),
    run: (run, _folder, next) => {
      made.push(run.cell);
      nexts.push(next?.cell);
      ms += 90_000;
      const does = runs[made.length - 1] ?? assert.fail("one run too many");
      // What a run throws at once is its error too.
      return new Promise((resolve) => {
        resolve(does());
      });
    },
    save: (now) => {
      saved.push(now);
      return Promise.resolve();
    },
    now: () => new Date(Date.UTC(2026, 2, 14, 9, 0, 0, ms)),
    monoMs: () => ms,
  });
  return { ...ended, saved, made, nexts };
}

describe("a matrix is gone through", () => {
  test("and what keeps one run from a verdict ends no other (defect: a set-up failure at night, and nothing after it)", async () => {
    const { matrix, made, nexts } = await through(matrixOf(5), [
      passes,
      fails(setUp),
      throws(new TypeError("our own")),
      gives(brokenRun("fail")),
      passes,
    ]);
    assert.equal(made.length, 5);
    assert.deepEqual(nexts, ["cell-1", "cell-2", "cell-3", "cell-4", undefined]);
    assert.deepEqual(
      matrix.runs.map(({ status, exitCode, error }) => [status, exitCode, error]),
      [
        ["done", 0, null],
        ["failed-to-run", 69, "The image could not be pulled."],
        ["failed-to-run", 70, "our own"],
        ["done", 1, null],
        ["done", 0, null],
      ],
    );
    assert.equal(matrix.runs[0]?.tookSeconds, 90);
    assert.equal(exitCodeOfMatrix(matrix, false), 1);
  });

  test("and is saved before and after each run, so that one that is killed is seen to have run (defect: a killed run is skipped)", async () => {
    const { saved } = await through(matrixOf(2), [passes, passes]);
    assert.deepEqual(
      saved.map(({ runs }) => runs.map(({ status }) => status).join()),
      ["running,planned", "done,planned", "done,running", "done,done"],
    );
    assert.equal(saved[0]?.runs[0]?.folder, "folder-of-cell-0");
  });

  test("until it is interrupted: that run is planned again, and those after it are not begun", async () => {
    const { matrix, made, saved, interrupted: by } = await through(matrixOf(3), [passes, fails(interrupted)]);
    assert.equal(by, interrupted);
    assert.equal(made.length, 2);
    assert.deepEqual(
      matrix.runs.map(({ status, folder }) => [status, folder]),
      [
        ["done", "folder-of-cell-0"],
        ["planned", null],
        ["planned", null],
      ],
    );
    assert.equal(saved.at(-1), matrix);
  });

  test("and a run that was interrupted while it tidied up keeps its verdict", async () => {
    const { matrix, interrupted: by } = await through(matrixOf(2), [
      () => ({ result: runResult(), error: interrupted }),
    ]);
    assert.equal(by, interrupted);
    assert.deepEqual([matrix.runs[0]?.status, matrix.runs[0]?.error], ["done", null]);
    assert.equal(matrix.runs[1]?.status, "planned");
  });

  test("and an application that could not be removed costs no verdict, but the exit code (defect: leftovers, and exit 0)", async () => {
    const { matrix } = await through(matrixOf(1), [() => ({ result: runResult(), error: setUp })]);
    assert.deepEqual([matrix.runs[0]?.status, matrix.runs[0]?.error], ["done", setUp.message]);
    assert.equal(exitCodeOfMatrix(matrix, false), 69);
  });

  test("again, after a kill: what has a verdict is not run again, and everything else is", async () => {
    const first = await through(matrixOf(4), [passes, fails(setUp), fails(interrupted)]);
    const killed = withRun(first.matrix, 2, { status: "running", folder: "folder-of-cell-2" });
    const { matrix, made } = await through(toResume(killed), [gives(brokenRun("known")), passes, passes]);
    assert.deepEqual(made, ["cell-1", "cell-2", "cell-3"]);
    assert.deepEqual(
      matrix.runs.map(({ status }) => status),
      ["done", "done", "done", "done"],
    );
    assert.equal(exitCodeOfMatrix(matrix, false), 3);
    assert.equal(exitCodeOfMatrix(matrix, true), 0);
    // The environment of a run that is not made again stays.
    assert.equal(matrix.environments.length, 1);
  });

  test("and ends when it cannot be saved: runs that nobody will hear of are not made", async () => {
    const full = new Error("ENOSPC");
    await assert.rejects(
      goThrough(matrixOf(2), {
        folderFor: () => Promise.resolve("f"),
        run: () => Promise.resolve({ result: runResult(), error: undefined }),
        save: () => Promise.reject(full),
        now: () => new Date(0),
        monoMs: () => 0,
      }),
      full,
    );
  });
});
