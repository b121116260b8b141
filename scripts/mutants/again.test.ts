import assert from "node:assert/strict";
import { test } from "node:test";
import { withTriedAgain } from "./again.ts";

test("survivors that no single test reaches are tried again, all else is kept as it is (defect: a new test never meets them)", () => {
  const killed = { id: "1", status: "Killed", killedBy: ["a"], coveredBy: ["a"] };
  const killedWhileLoaded = { id: "2", status: "Killed", killedBy: ["a"] };
  const survived = { id: "3", status: "Survived", coveredBy: ["a", "b"] };
  const survivedWhileLoaded = { id: "4", status: "Survived", coveredBy: [] };
  const unmet = { id: "5", status: "NoCoverage" };
  const mutants = [killed, killedWhileLoaded, survived, survivedWhileLoaded, unmet];
  const report = (kept: readonly unknown[]) => ({
    schemaVersion: "2",
    files: { "a.ts": { language: "typescript", source: "1;", mutants: kept } },
    testFiles: { "a.test.ts": { tests: [{ id: "a", name: "adds" }] } },
  });
  assert.deepEqual(withTriedAgain(report(mutants)), report([killed, killedWhileLoaded, survived]));
});

test("what is no report of Stryker's is refused", () => {
  assert.throws(() => withTriedAgain({ files: { "a.ts": { mutants: [{ coveredBy: [] }] } } }), /status/);
});
