import assert from "node:assert/strict";
import { test } from "node:test";
import { failureGroups } from "./failure-groups.ts";
import { course, ZERO_MS } from "./testing/page-input.ts";

test("failures are grouped by how they failed, counts and all (defect: a row that stands for several counted once)", () => {
  const groups = failureGroups(course().failures);
  assert.deepEqual(
    groups.map(({ what, count, firstMs, longestMs }) => [what, count, firstMs - ZERO_MS, longestMs]),
    [
      ["failed, no answer, dial tcp #.#.#.#:#: refused", 2, 3500, 3],
      ["failed, status 503", 1, 3250, 12],
      ["hung, no answer, request timeout", 1, 4000, 10_000],
    ],
  );
  assert.deepEqual(groups[0]?.connections, [["new", 2]]);
  assert.deepEqual(groups[1]?.clusters, [["app-fghij", 1]]);
  assert.deepEqual(groups[2]?.clusters, [["not known", 1]]);
});

test("messages that differ in their numbers alone are one group (defect: a group for every port)", () => {
  const { failures } = course();
  const texts = [...failures.texts, "dial tcp 10.0.0.2:8001: refused"];
  const message = [3, failures.texts.length, 4];
  const rows = { ...failures.rows, message, status: [0, 0, 0] };
  assert.deepEqual(
    failureGroups({ ...failures, texts, rows }).map(({ what, count }) => [what, count]),
    [
      ["failed, no answer, dial tcp #.#.#.#:#: refused", 3],
      ["hung, no answer, request timeout", 1],
    ],
  );
});
