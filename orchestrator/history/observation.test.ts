import assert from "node:assert/strict";
import { test } from "node:test";
import { observationSchema, WATCHED_KINDS } from "./observation.ts";

const at = { wallMs: 1_790_000_000_000, monoMs: 1_500 };

/** Objects in each other, so many levels of them. */
function nested(levels: number): unknown {
  let value: unknown = {};
  for (let level = 1; level < levels; level += 1) value = { of: value };
  return value;
}

const problemsOf = (line: unknown) =>
  observationSchema.safeParse(line).error?.issues.map(({ path, message }) => ({ path, message }));

test("everything the runner does can be recorded (defect: a recording refused by its own reader)", () => {
  const ACTIONS = [
    ...["record-start", "load-start", "warm-up-steady", "trigger", "rollback", "change", "fault", "fault-ended"],
    ...["suspend", "resume", "operator", "in-place-done", "watching", "recovered", "stop-load", "load-ended"],
    ...["record-end", "interrupted", "set-up-failed"],
  ];
  for (const action of ACTIONS) {
    const line = { type: "action", ...at, action, facts: { generation: 2 } };
    assert.deepEqual(observationSchema.parse(line), line);
  }
  assert.notEqual(problemsOf({ type: "action", ...at, action: "", facts: {} }), undefined);
});

test("an object is read however it came to be seen", () => {
  for (const kind of WATCHED_KINDS) {
    for (const event of ["listed", "added", "modified", "deleted"]) {
      const line = { type: "object", ...at, kind, event, name: "app", uid: "1", resourceVersion: "7", object: {} };
      assert.deepEqual(observationSchema.parse(line), line);
    }
  }
});

test("what came from outside is nested 500 levels deep at most (defect: an object that ends whoever goes through it)", () => {
  const message = "expected at most 500 levels of nesting";
  const poll = { type: "poll", ...at, poll: "node-cpu", subject: "node", ok: true };
  assert.equal(problemsOf({ ...poll, data: nested(500) }), undefined);
  assert.deepEqual(problemsOf({ ...poll, data: nested(501) }), [{ path: ["data"], message }]);
  const environment = { type: "environment", ...at };
  assert.equal(problemsOf({ ...environment, facts: { nodes: nested(500) } }), undefined);
  assert.deepEqual(problemsOf({ ...environment, facts: { nodes: nested(501) } }), [
    { path: ["facts", "nodes"], message },
  ]);
});
