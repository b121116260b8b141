import assert from "node:assert/strict";
import { test } from "node:test";
import { runResult } from "../testing.ts";
import { matrixSchema, runName, toResume, withEnvironment, withRun } from "./matrix.ts";
import { flakeRows, matrixCounts, matrixRows } from "./matrix-rows.ts";
import { environmentOf, outcomeOf } from "./outcome.ts";
import { withSection } from "./results-page.ts";
import { matrixText } from "./matrix-text.ts";
import { brokenRun, DEFECT, matrixOfAll } from "./testing/matrices.ts";

test("what is written can be read again (defect: a matrix that cannot be resumed)", () => {
  const { matrix } = matrixOfAll();
  assert.deepEqual(matrixSchema.parse(JSON.parse(JSON.stringify(matrix))), matrix);
});

test("a run that was killed, interrupted or could not be run is run again, one with a verdict is not (defect: half a run taken for a whole one)", () => {
  const { matrix } = matrixOfAll();
  const killed = withRun(matrix, 5, { status: "running", folder: "06-run", startedAt: "2026-03-14T09:30:00.000Z" });
  const { runs } = toResume(killed);
  assert.deepEqual(
    runs.map(({ status }) => status),
    ["done", "done", "done", "done", "planned", "planned"],
  );
  assert.deepEqual(runs[5], matrix.runs[5]);
  assert.deepEqual([runs[4]?.error, runs[4]?.exitCode, runs[4]?.folder], [null, null, null]);
  assert.deepEqual(runs.slice(0, 4), matrix.runs.slice(0, 4));
});

test("several runs of a cell have numbers, a single one has none", () => {
  const { matrix } = matrixOfAll();
  assert.deepEqual(
    matrix.runs.map((run) => runName(run, matrix)),
    [
      "upgrade-blue-green 1/3",
      "upgrade-blue-green 2/3",
      "upgrade-blue-green 3/3",
      "rollback-early",
      "operator-deleted",
      "in-place",
    ],
  );
});

test("rows say what came of each run, and why (defect: a run that could not be run looks like one that was not run yet)", () => {
  const { matrix } = matrixOfAll();
  const rows = matrixRows(matrix);
  assert.deepEqual(
    rows.map(({ verdict }) => verdict),
    ["✔ pass", "✘ fail", "✔ pass", "! known", "✘ could not be run", "– not run yet"],
  );
  assert.deepEqual(rows[0]?.figures, ["7,800", "0", "0", "35.9"]);
  assert.deepEqual(rows[1]?.figures[2], "–", "what was not judged is no 0");
  assert.deepEqual(rows[3]?.pages, [{ id: DEFECT.id, page: DEFECT.page }]);
  assert.equal(rows[4]?.explanation, "The image is not there.");
  assert.equal(matrixCounts(matrix), "1 fail, 1 could not be run, 1 known, 2 pass, 1 not run yet");
});

test("what went wrong after a verdict is told beside it (defect: an application that was not removed, and nobody hears of it)", () => {
  const { matrix } = matrixOfAll();
  const [row] = matrixRows(withRun(matrix, 0, { error: "Removal was awaited for 60 s.", exitCode: 69 }));
  assert.equal(row?.verdict, "✔ pass");
  assert.match(row.explanation, /none failed\. Removal was awaited/);
});

test("flake rates are of cells with several runs alone, and of runs with a verdict alone", () => {
  const { matrix } = matrixOfAll();
  assert.deepEqual(flakeRows(matrix), [["upgrade-blue-green", "3", "2", "1", "0", "0", "33.3 %", "0.84 % to 90.6 %"]]);
});

test("an outcome has each known defect once, and hanging requests among the failed ones", () => {
  const known = brokenRun("known");
  const twice = {
    ...known,
    checks: [...known.checks, ...known.checks],
    load: { ...known.load, failed: 2, hanging: 3 },
  };
  const outcome = outcomeOf(twice);
  assert.deepEqual(outcome.knownDefects, [{ id: DEFECT.id, page: DEFECT.page }]);
  assert.equal(outcome.failed, 5);
});

test("an environment is told once, and another one beside it (defect: two machines told as one)", () => {
  const { matrix } = matrixOfAll();
  assert.equal(matrix.environments.length, 1);
  assert.equal(matrix.environments[0]?.memoryGiB, 24);
  const other = environmentOf({ ...runResult(), environment: { ...runResult().environment, cpus: 4 } });
  assert.deepEqual([other.memoryGiB, other.kernel], [null, null]);
  assert.equal(withEnvironment(matrix, other).environments.length, 2);
});

test("a terminal's table fits, says why, and colours nothing unless it may", () => {
  const { matrix } = matrixOfAll();
  const text = matrixText(matrix, { colour: false, width: 100, folder: "results/matrix-1" });
  assert.doesNotMatch(text, /\u001b/);
  for (const line of text.split("\n")) assert.ok(line.length <= 110, line);
  assert.match(text, /^ {2}upgrade-blue-green 2\/3 +blue-green +✘ fail +7,800/m);
  assert.match(text, /^ {6}The image is not there\.$/m);
  assert.match(matrixText(matrix, { colour: true, width: 100, folder: "r" }), /\u001b\[1;31m✘ fail/);
});

test("a section takes its own place again and leaves the others (defect: one table written over another)", () => {
  const one = withSection("", { name: "default", command: "npm run matrix", body: "| a |\n" });
  const both = withSection(one, { name: "flakes", command: "npm run matrix -- --set flakes", body: "| f |" });
  const again = withSection(`${both}\nMine.\n`, { name: "default", command: "npm run matrix", body: "| $& |" });
  assert.match(one, /^# Results\n/);
  assert.equal(again.match(/## default/g)?.length, 1);
  assert.ok(again.includes("| $& |") && !again.includes("| a |"));
  assert.ok(again.includes("| f |") && again.endsWith("Mine.\n"));
  assert.ok(again.indexOf("## default") < again.indexOf("## flakes"));
});
