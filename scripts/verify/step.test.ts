import assert from "node:assert/strict";
import { test } from "node:test";
import { StepFailure, takeSteps, type Step } from "./step.ts";
import { outcomeTable, stepList } from "./table.ts";

const step = (name: string, run: Step["run"] = () => Promise.resolve()): Step => ({ name, asks: `asks ${name}`, run });
const failing =
  (why: string): Step["run"] =>
  () =>
    Promise.reject(new StepFailure(why));

/** Takes steps by a clock that goes on by a second whenever it is read. */
async function taken(steps: readonly Step[], signal = new AbortController().signal) {
  let ms = 0;
  const began: string[] = [];
  const outcomes = await takeSteps(steps, { signal, now: () => (ms += 1000), began: ({ name }) => began.push(name) });
  return { began, outcomes };
}

test("the first failure ends it, and what comes after is told as not run (defect: a release in spite of it, or an hour of tests after it)", async () => {
  const { began, outcomes } = await taken([step("a"), step("b", failing("One.\nTwo.")), step("c"), step("d")]);
  assert.deepEqual(began, ["a", "b"]);
  assert.equal(
    outcomeTable(outcomes),
    `  step  outcome  time   what is asked
✔ a     passed   1.0 s  asks a
✘ b     failed   1.0 s  asks b
– c     not run         asks c
– d     not run         asks d

1 of 4 steps passed, in 2.0 s.
b: One.
b: Two.
`,
  );
});

test("an interruption is no failure of the step, and nothing is begun after it", async () => {
  const controller = new AbortController();
  const interrupted = step("a", () => {
    controller.abort();
    return Promise.reject(new StepFailure("ended by SIGTERM"));
  });
  const { began, outcomes } = await taken([interrupted, step("b")], controller.signal);
  assert.deepEqual(began, ["a"]);
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome.kind),
    ["interrupted", "not run"],
  );
});

test("our own bugs are no outcomes", async () => {
  await assert.rejects(taken([step("a", () => Promise.reject(new TypeError("bug")))]), TypeError);
});

test("times of a minute and more are told in minutes (defect: 60 s in a minute)", () => {
  const times = [59.94, 59.96, 119.7, 3_725].map((seconds) => {
    const table = outcomeTable([{ step: { name: "a", asks: "." }, outcome: { kind: "passed", seconds } }]);
    return /, in (.*)\.$/m.exec(table)?.[1];
  });
  assert.deepEqual(times, ["59.9 s", "1 min 0 s", "2 min 0 s", "62 min 5 s"]);
});

test("the list has the command of a step that has one", () => {
  assert.equal(
    stepList([{ ...step("one"), command: "npm test" }, step("b")]),
    "step  what is asked  command\none   asks one       npm test\nb     asks b\n",
  );
});
