import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../kube/kube.ts";
import { DeadlineError, RecordingError, SetUpError, UsageError } from "../plan/errors.ts";
import { exitCodeOfError, exitCodeOfVerdict, rootError, worstExitCode } from "./exit.ts";

test("verdicts have the documented codes", () => {
  assert.deepEqual(
    (["pass", "fail", "invalid", "known"] as const).map((verdict) => exitCodeOfVerdict(verdict)),
    [0, 1, 2, 3],
  );
});

test("--accept known makes known, and nothing else, a success (defect: invalid slips through CI)", () => {
  assert.deepEqual(
    (["pass", "fail", "invalid", "known"] as const).map((verdict) => exitCodeOfVerdict(verdict, true)),
    [0, 1, 2, 0],
  );
});

test("errors have the documented codes; an unknown one is our bug (defect: a TypeError reported as set-up)", () => {
  const codes: [unknown, number][] = [
    [new UsageError("x"), 64],
    [new RecordingError("x"), 64],
    [new SetUpError("x"), 69],
    [new DeadlineError("the pod", 1000, "Pending"), 69],
    [new KubeError(403, "Forbidden", "quota"), 69],
    [new TypeError("x"), 70],
    ["thrown text", 70],
    [undefined, 70],
  ];
  for (const [error, code] of codes) assert.equal(exitCodeOfError(error), code, String(error));
});

test("a failing tear-down does not hide why the run ended (defect: set-up failure exits 70)", async () => {
  const setUp = new SetUpError("no cluster");
  const thrown: unknown = await (async () => {
    await using outer = { [Symbol.asyncDispose]: () => Promise.reject(new Error("outer tear-down")) };
    await using inner = { [Symbol.asyncDispose]: () => Promise.reject(new Error("inner tear-down")) };
    assert.ok(outer !== inner);
    throw setUp;
  })().catch((error: unknown) => error);
  assert.equal(rootError(thrown), setUp);
  assert.equal(exitCodeOfError(thrown), 69);
});

test("of several runs the worst counts, and what was witnessed before what was not run (defect: a failure hidden by a set-up error)", () => {
  assert.equal(worstExitCode([0, 3, 2, 69, 1]), 1);
  assert.equal(worstExitCode([0, 2, 69]), 69);
  assert.equal(worstExitCode([69, 70]), 70);
  assert.equal(worstExitCode([3, 2, 0]), 2);
  assert.equal(worstExitCode([0, 3]), 3);
  assert.equal(worstExitCode([0, 0]), 0);
  assert.equal(worstExitCode([]), 0);
});
