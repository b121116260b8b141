import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "./observation.ts";
import { SpecCourse } from "./spec-course.ts";

const at = (second: number) => ({ wallMs: 1e12 + second * 1000, monoMs: second * 1000 });

const action = (second: number, name: Action["action"], facts: Record<string, unknown>) =>
  ({ type: "action", ...at(second), action: name, facts }) as const;

/** A course whose trigger makes generation 2, which sees these generations a second after another. */
function course(rollback: Record<string, unknown> | null, ...generations: (number | null)[]): SpecCourse {
  const seen = new SpecCourse(["before"]);
  seen.onAction(action(1, "trigger", { before: { generation: 1 }, after: { generation: 2 } }));
  for (const [index, generation] of generations.entries()) {
    const line = { kind: "RayService", event: "modified", name: "app", uid: "1", resourceVersion: "1" } as const;
    seen.onRayService({ type: "object", ...at(10 + index), ...line, object: { metadata: {} } }, generation);
  }
  if (rollback !== null) seen.onAction(action(50, "rollback", rollback));
  return seen;
}

const edited = (seen: SpecCourse): number[] => seen.foreignEdits().map(({ generation }) => generation);

test("the runner's own generations are nobody else's edits", () => {
  const seen = course({ after: { generation: 3 } }, 1, 2, 2, 3, null, 3);
  assert.deepEqual(edited(seen), []);
  assert.deepEqual(seen.seenAt(0), at(13));
});

test("another generation between or after them is one, and R is the runner's (defect: the first later generation is R)", () => {
  assert.deepEqual(edited(course({ after: { generation: 4 } }, 2, 3, 4, 5)), [3, 5]);
  assert.deepEqual(course({ after: { generation: 4 } }, 2, 3, 4, 5).seenAt(0), at(12));
});

test("a generation that the watch never told of is one as of the runner's word", () => {
  const [edit, ...others] = course({ after: { generation: 4 } }, 2, 4).foreignEdits();
  assert.deepEqual([edit, others], [{ ...at(50), generation: 3 }, []]);
});

test("a patch back that the watch tells of by a later generation only was made by then", () => {
  const seen = course({ after: { generation: 3 } }, 2, 4);
  assert.deepEqual([seen.seenAt(0), edited(seen)], [at(11), [4]]);
});

test("without the runner's word the first later generation is the patch back, and every other one an edit", () => {
  const seen = course(null, 2, 3, 4);
  assert.deepEqual([seen.seenAt(0), edited(seen)], [at(11), [4]]);
  assert.equal(course(null, 2).seenAt(0), null);
});

test("facts that are not what they should be say nothing, and throw nothing", () => {
  const seen = course({ after: { generation: "3" }, before: 7 }, 2, 3);
  assert.deepEqual([seen.seenAt(0), edited(seen), seen.notRestored()], [at(11), [], []]);
  assert.equal(new SpecCourse(["before"]).seenAt(0), null);
  assert.deepEqual(new SpecCourse(["before"]).foreignEdits(), []);
});

test("each goal's generation is the runner's, also of a spec that is suspended (defect: the second change taken for somebody's edit)", () => {
  const seen = new SpecCourse(["before", "after"]);
  seen.onAction(action(1, "trigger", { before: { generation: 1 }, after: { generation: 2, versions: ["v2"] } }));
  seen.onAction(action(2, "rollback", { after: { generation: 3 } }));
  seen.onAction(action(3, "change", { goal: "after", after: { generation: 4, versions: ["v3"] } }));
  seen.onAction(action(4, "suspend", { path: "/spec/suspend", value: true, generation: 5 }));
  const line = { kind: "RayService", event: "modified", name: "app", uid: "1", resourceVersion: "1" } as const;
  for (const generation of [1, 2, 3, 4, 5, 6]) {
    seen.onRayService({ type: "object", ...at(10 + generation), ...line, object: { metadata: {} } }, generation);
  }
  assert.deepEqual([seen.seenAt(0), seen.seenAt(1), edited(seen)], [at(13), at(14), [6]]);
  assert.deepEqual(seen.notRestored(), [{ what: "versions", before: "v2", after: "v3" }]);
});

test("a change that the plan does not have is somebody's edit", () => {
  const seen = new SpecCourse([]);
  seen.onAction(action(1, "trigger", { before: { generation: 1 }, after: { generation: 2 } }));
  seen.onAction(action(2, "rollback", { after: { generation: 3 } }));
  const line = { kind: "RayService", event: "modified", name: "app", uid: "1", resourceVersion: "1" } as const;
  seen.onRayService({ type: "object", ...at(5), ...line, object: { metadata: {} } }, 3);
  assert.deepEqual([seen.turns(), edited(seen)], [[], [3]]);
});

test("without a trigger every generation after the first fault is somebody's", () => {
  const seen = new SpecCourse([]);
  const line = { kind: "RayService", event: "modified", name: "app", uid: "1", resourceVersion: "1" } as const;
  seen.onRayService({ type: "object", ...at(1), ...line, object: { metadata: {} } }, 4);
  seen.onAction(action(2, "fault", {}));
  assert.deepEqual(edited(seen), []);
  seen.onRayService({ type: "object", ...at(3), ...line, object: { metadata: {} } }, 5);
  assert.deepEqual(edited(seen), [5]);
});
