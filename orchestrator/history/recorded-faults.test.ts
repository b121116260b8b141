import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "./observation.ts";
import { RecordedFaults } from "./recorded-faults.ts";

const action = (second: number, name: Action["action"], facts: Record<string, unknown>): Action => {
  return { type: "action", wallMs: 1e12 + second * 1000, monoMs: second * 1000, action: name, facts };
};
function faultsOf(...lines: readonly Action[]) {
  const faults = new RecordedFaults();
  for (const line of lines) faults.onAction(line);
  return faults.all();
}
const fault = { kind: "stop-api-server", seconds: 5 };

test("a fault lasts until its own end is noted, and is as old as it was asked for", () => {
  const [first, second] = faultsOf(
    action(1, "fault", { index: 0, fault, askedAtMs: 1e12 + 900, pods: [] }),
    action(2, "fault", {
      index: 1,
      fault,
      text: "again",
      pods: [{ name: "a", uid: "1", namespace: "x", of: "operator" }],
    }),
    action(6, "fault-ended", { index: 1 }),
  );
  assert.deepEqual([first?.text, first?.askedMs, first?.ended], ["the API server stopped for 5 s", 1e12 + 900, null]);
  assert.deepEqual([second?.text, second?.askedMs, second?.ended?.monoMs], ["again", 1e12 + 2000, 6000]);
  assert.deepEqual(second?.pods, [{ name: "a", uid: "1", of: "operator" }]);
});

test("facts that are not what they should be excuse no pod, and throw nothing (defect: a fault without pods explains all)", () => {
  const pods = [{ name: "a", uid: 1, of: "operator" }, { uid: "2", name: "b", of: "somebody" }, null];
  const [only, ...others] = faultsOf(
    action(1, "fault", { fault: { kind: "no-such" }, pods, askedAtMs: 9e15 }),
    action(2, "fault-ended", {}),
  );
  assert.deepEqual([only?.fault, only?.pods, only?.askedMs, others], [null, [], 1e12 + 1000, []]);
});

test("an end is that of its own fault, the first time it is noted (defect: an end without its step ends another's fault)", () => {
  const ends = (...lines: readonly Action[]) => faultsOf(...lines).map(({ ended }) => ended?.monoMs ?? null);
  const begun = action(1, "fault", { index: 1, fault, pods: [] });
  const end = (second: number, facts: Record<string, unknown>) => action(second, "fault-ended", facts);
  assert.deepEqual(ends(begun, end(6, { index: 1 }), end(9, { index: 1 })), [6000]);
  assert.deepEqual(ends(begun, end(6, { index: 0 })), [null]);
  assert.deepEqual(ends(begun, end(6, {})), [null]);
  assert.deepEqual(ends(action(1, "fault", { fault, pods: [] }), end(6, { index: 1 })), [null]);
  assert.deepEqual(ends(end(6, { index: 1 })), []);
});

test("a fault whose step or pods are not told has neither", () => {
  const [first, second] = faultsOf(action(1, "fault", { fault }), action(2, "fault", { fault, pods: "all" }));
  assert.deepEqual([first?.index, first?.pods], [-1, []]);
  assert.deepEqual([second?.index, second?.pods], [-1, []]);
});

test("a fault is as old as it was asked for unless that is later than its note", () => {
  const asked = (askedAtMs: unknown) =>
    faultsOf(action(1, "fault", { index: 0, fault, askedAtMs })).map(({ askedMs }) => askedMs);
  assert.deepEqual(asked(1e12), [1e12]);
  assert.deepEqual(asked(1e12 + 1001), [1e12 + 1000]);
  assert.deepEqual(asked("yesterday"), [1e12 + 1000]);
});
