import assert from "node:assert/strict";
import { test } from "node:test";
import type { Goal } from "../plan/steps.ts";
import type { Action } from "./observation.ts";
import { generationMade, SpecCourse, type SpecDifference } from "./spec-course.ts";

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

/** What is changed of a spec, as an object carries it. */
function specWith(serveConfigV2: string, cpu: string | number): object {
  const containers = [{ resources: { requests: { cpu } } }];
  return { serveConfigV2, rayClusterConfig: { workerGroupSpecs: [{ template: { spec: { containers } } }] } };
}

function sees(seen: SpecCourse, second: number, generation: number, spec?: object): void {
  const line = { kind: "RayService", event: "modified", name: "app", uid: "1", resourceVersion: "1" } as const;
  const object = spec === undefined ? { metadata: {} } : { spec };
  seen.onRayService({ type: "object", ...at(second), ...line, object }, generation);
}

/** A course of these goals, of which the trigger makes generation 2. */
function triggered(planned: readonly Goal[], facts: { before?: object; after?: object } = {}): SpecCourse {
  const seen = new SpecCourse(planned);
  const before = { generation: 1, ...facts.before };
  seen.onAction(action(10, "trigger", { before, after: { generation: 2, ...facts.after } }));
  return seen;
}

test("an action's generation is the one that it made, if it says so", () => {
  const made = (facts: Record<string, unknown>) => generationMade(action(1, "rollback", facts));
  assert.equal(made({ before: { generation: 2 }, after: { generation: 3 } }), 3);
  for (const facts of [{}, { before: { generation: 2 } }, { after: { generation: "3" } }]) {
    assert.equal(made(facts), null);
  }
});

test("the trigger is the first one, and one that says nothing made nothing that is known", () => {
  const seen = triggered(["before"]);
  seen.onAction(action(11, "trigger", { after: { generation: 9 } }));
  assert.equal(seen.triggered, 2);
  const silent = new SpecCourse(["before"]);
  silent.onAction(action(10, "trigger", {}));
  assert.equal(silent.triggered, null);
});

test("a turn that was not taken yet was not seen (defect: the first one's spec taken for the second's)", () => {
  const seen = course({ after: { generation: 3 } }, 2, 3, 4);
  assert.deepEqual([seen.seenAt(0), seen.seenAt(1)], [at(11), null]);
});

test("before the trigger nothing goes back", () => {
  const seen = new SpecCourse(["before"]);
  sees(seen, 1, 1);
  assert.deepEqual([seen.turns(), seen.seenAt(0)], [[], null]);
});

test("a patch back of which only the watch tells is a turn that nobody noted", () => {
  assert.deepEqual(course(null, 2, 3).turns(), [{ goal: "before", noted: null, facts: {} }]);
  assert.deepEqual(course(null, 2).turns(), []);
});

test("only a change names its goal", () => {
  const seen = triggered(["third"]);
  seen.onAction(action(20, "fault", { goal: "third" }));
  assert.deepEqual(seen.turns(), []);
  seen.onAction(action(21, "change", { goal: "third" }));
  assert.deepEqual(
    seen.turns().map(({ goal, noted }) => [goal, noted]),
    [["third", at(21)]],
  );
});

test("generations count by their number, in whatever order they come", () => {
  const seen = course(null, 2, 5, 4, 3);
  assert.deepEqual([seen.seenAt(0), edited(seen)], [at(13), [4, 5]]);
  assert.deepEqual(course({ after: { generation: 4 } }, 2, 5, 4).seenAt(0), at(12));
});

test("what came before the load, or the watching, is nobody's edit", () => {
  for (const beginning of ["load-start", "watching", "fault"] as const) {
    const seen = new SpecCourse([]);
    sees(seen, 0, 3);
    sees(seen, 1, 4);
    assert.deepEqual(seen.foreignEdits(), [], beginning);
    seen.onAction(action(2, beginning, {}));
    assert.deepEqual(seen.foreignEdits(), [], beginning);
    sees(seen, 3, 5);
    assert.deepEqual(seen.foreignEdits(), [{ ...at(3), generation: 5 }], beginning);
  }
});

/** The load begins with generation 1; what happens until the trigger is told by `until`. */
function underLoad(facts: Record<string, unknown>, until: (seen: SpecCourse) => void = () => undefined): SpecCourse {
  const seen = new SpecCourse(["before"]);
  sees(seen, 0, 1);
  seen.onAction(action(1, "load-start", {}));
  until(seen);
  seen.onAction(action(10, "trigger", facts));
  return seen;
}

test("the spec with which the load began is nobody's edit, and one between it and the trigger is", () => {
  const first = underLoad({ before: { generation: 1 }, after: { generation: 2 } });
  sees(first, 11, 2);
  assert.deepEqual(first.foreignEdits(), []);
  const facts = { before: { generation: 2 }, after: { generation: 3 } };
  const second = underLoad(facts, (seen) => sees(seen, 5, 2));
  sees(second, 11, 3);
  assert.deepEqual(second.foreignEdits(), [{ ...at(5), generation: 2 }]);
});

test("by a trigger that does not say what it made nobody's edits can be told", () => {
  const seen = underLoad({});
  sees(seen, 11, 2);
  assert.deepEqual(seen.foreignEdits(), []);
});

test("suspending and resuming are the runner's, and a generation that another action names is no spec's", () => {
  const seen = triggered([]);
  seen.onAction(action(11, "suspend", { path: "/spec/suspend", value: true, generation: 3 }));
  seen.onAction(action(12, "resume", { path: "/spec/suspend", value: false, generation: 4 }));
  for (const generation of [2, 3, 4]) sees(seen, 20 + generation, generation);
  assert.deepEqual(seen.foreignEdits(), []);
  seen.onAction(action(30, "operator", { generation: 5 }));
  sees(seen, 31, 5);
  assert.deepEqual(edited(seen), [5]);
});

test("an edit that only a gap tells of comes before later ones that were seen", () => {
  assert.deepEqual(course({ after: { generation: 4 } }, 2, 4, 5).foreignEdits(), [
    { ...at(50), generation: 3 },
    { ...at(12), generation: 5 },
  ]);
});

test("an edit that only a gap tells of was there when the patch back was seen, where the runner does not say", () => {
  assert.deepEqual(course(null, 2, 4).foreignEdits(), [{ ...at(11), generation: 3 }]);
  assert.deepEqual(course({}, 2, 4).foreignEdits(), [{ ...at(11), generation: 3 }]);
});

/** From generation 1, of this spec, to 2, and then generations of these specs, of none of which the runner says that it made it. */
function unsaid(was: object | undefined, ...specs: readonly (object | undefined)[]): SpecCourse[] {
  return [false, true].map((noted) => {
    const seen = new SpecCourse(["before"]);
    sees(seen, 0, 1, was);
    seen.onAction(action(10, "trigger", { before: { generation: 1 }, after: { generation: 2 } }));
    for (const [index, spec] of [specWith("new", 1), ...specs].entries()) sees(seen, 11 + index, index + 2, spec);
    if (noted) seen.onAction(action(50, "rollback", {}));
    return seen;
  });
}

test("without the runner's word the patch back is the first spec that is again what it was (defect: somebody's edit taken for it)", () => {
  const [was, again] = [specWith("old", "100m"), specWith("old", 0.1)];
  for (const seen of unsaid(was, specWith("other", "100m"), specWith("old", "200m"), again)) {
    assert.deepEqual([seen.seenAt(0), edited(seen)], [at(14), [3, 4]]);
  }
});

test("a spec of which nothing was seen may be the patch back, and so may any where the first one was not seen", () => {
  const old = specWith("old", 1);
  for (const seen of [...unsaid(old, undefined, old), ...unsaid(undefined, old, old)]) {
    assert.deepEqual([seen.seenAt(0), edited(seen)], [at(12), [4]]);
  }
});

/** What is told of a way back by the facts of the trigger and of the rollback, and by the specs seen before and after. */
function told(facts: { before?: object; after?: object; was?: object; is?: object }): SpecDifference[] {
  const seen = new SpecCourse(["before"]);
  sees(seen, 0, 1, facts.was);
  seen.onAction(action(10, "trigger", { before: { generation: 1, ...facts.before }, after: { generation: 2 } }));
  sees(seen, 11, 2);
  seen.onAction(action(20, "rollback", { after: { generation: 3, ...facts.after } }));
  sees(seen, 21, 3, facts.is);
  return seen.notRestored();
}

test("what is again what it was is no difference, however a quantity is written", () => {
  assert.deepEqual(told({ before: { versions: ["v1", "v2"] }, after: { versions: ["v1", "v2"] } }), []);
  assert.deepEqual(told({ before: { workerCpu: "0.5" }, after: { workerCpu: "500m" } }), []);
  assert.deepEqual(told({ was: specWith("a", "0.5"), is: specWith("a", "500m") }), []);
});

test("what only one side says is no difference, and throws nothing", () => {
  for (const facts of [{ versions: ["v1"] }, { workerCpu: "1" }]) {
    assert.deepEqual(told({ before: facts }), []);
    assert.deepEqual(told({ after: facts }), []);
  }
  assert.deepEqual(told({ was: specWith("a", 1) }), []);
  assert.deepEqual(told({ is: specWith("a", 1) }), []);
  const silent = triggered(["before"], { before: { versions: ["v1"], workerCpu: "1" } });
  silent.onAction(action(20, "rollback", {}));
  assert.deepEqual(silent.notRestored(), []);
});

test("what is not again what it was is told with both values, a long text without them, the cpu once", () => {
  assert.deepEqual(told({ before: { versions: ["v1", "v2"] }, after: { versions: ["v1", "v3"] } }), [
    { what: "versions", before: "v1, v2", after: "v1, v3" },
  ]);
  assert.deepEqual(told({ was: specWith("a", "1"), is: specWith("b", "1") }), [
    { what: "serve config", before: null, after: null },
  ]);
  assert.deepEqual(told({ was: specWith("a", 1), is: specWith("a", 2) }), [
    { what: "worker cpu", before: "1", after: "2" },
  ]);
  const facts = { before: { workerCpu: "500m" }, after: { workerCpu: "600m" } };
  assert.deepEqual(told({ ...facts, was: specWith("a", 1), is: specWith("a", 2) }), [
    { what: "worker cpu", before: "500m", after: "600m" },
  ]);
});

test("what differs in the digest alone is told once, and not beside what is told by name (defect: an application of the user's that was not restored passes)", () => {
  const [one, other] = [{ digest: "a" }, { digest: "b" }];
  assert.deepEqual(told({ before: one, after: other }), [{ what: "spec", before: null, after: null }]);
  assert.deepEqual(told({ before: one, after: one }), []);
  assert.deepEqual([...told({ before: one }), ...told({ after: other })], []);
  assert.deepEqual(told({ before: { ...one, workerCpu: "1" }, after: { ...other, workerCpu: "2" } }), [
    { what: "worker cpu", before: "1", after: "2" },
  ]);
  // A runner that says neither, or no digest of a form that is known.
  assert.deepEqual(told({ before: { digest: 1 }, after: other }), []);
  const silent = triggered(["before"], { before: one });
  silent.onAction(action(20, "rollback", {}));
  assert.deepEqual(silent.notRestored(), []);
});

test("a spec counts from whichever line of its generation carried it", () => {
  const seen = triggered(["before"]);
  sees(seen, 0, 1, specWith("a", 1));
  seen.onAction(action(20, "rollback", { after: { generation: 3 } }));
  const seenSo = [undefined, specWith("b", 1), undefined].map((spec, index) => {
    sees(seen, 21 + index, 3, spec);
    return seen.notRestored().map(({ what }) => what);
  });
  assert.deepEqual(seenSo, [[], ["serve config"], ["serve config"]]);
});

test("a goal that is set again is held against the spec that it had at first", () => {
  const again = (is: object): SpecDifference[] => {
    const seen = triggered(["before", "after"]);
    sees(seen, 0, 1, specWith("old", 1));
    sees(seen, 11, 2, specWith("new", 1));
    seen.onAction(action(20, "rollback", { after: { generation: 3 } }));
    sees(seen, 21, 3, specWith("old", 1));
    seen.onAction(action(30, "change", { goal: "after", after: { generation: 4 } }));
    sees(seen, 31, 4, is);
    return seen.notRestored();
  };
  assert.deepEqual(again(specWith("new", 1)), []);
  assert.deepEqual(again(specWith("old", 1)), [{ what: "serve config", before: null, after: null }]);
});

test("a third spec is held against none, and nothing is without a trigger (defect: the third version taken for a second that was not restored)", () => {
  const seen = triggered(["third"], { after: { versions: ["v2"], workerCpu: "1" } });
  sees(seen, 11, 2, specWith("new", 1));
  const after = { generation: 3, versions: ["v3"], workerCpu: "2" };
  seen.onAction(action(20, "change", { goal: "third", after }));
  sees(seen, 21, 3, specWith("newer", 2));
  assert.deepEqual(seen.notRestored(), []);
  const untriggered = new SpecCourse(["before", "after"]);
  untriggered.onAction(action(20, "rollback", { after: { generation: 3, versions: ["v1"] } }));
  untriggered.onAction(action(30, "change", { goal: "after", after: { generation: 4, versions: ["v2"] } }));
  assert.deepEqual(untriggered.notRestored(), []);
});

test("a load that begins before anything is seen has no generation to begin with (defect: the first one seen is called somebody's edit)", () => {
  const seen = new SpecCourse(["before"]);
  seen.onAction(action(1, "load-start", {}));
  sees(seen, 2, 1);
  seen.onAction(action(10, "trigger", { before: { generation: 1 }, after: { generation: 2 } }));
  sees(seen, 11, 2);
  assert.deepEqual(seen.foreignEdits(), []);
});

test("a RayService without a generation is no change of its spec", () => {
  assert.deepEqual(edited(course({ after: { generation: 3 } }, null, 2, null, 3)), []);
});
