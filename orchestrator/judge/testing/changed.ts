/** For tests only. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Story } from "../../checks/testing.ts";
import { judged, notPassing } from "../testing.ts";

/** A story with one fact changed is judged as expected, by exactly the checks concerned; `says` is what the first of them says. */
export function changed(
  name: string,
  expected: Readonly<Record<string, string>>,
  story: () => Story,
  says?: RegExp,
): void {
  test(name, () => {
    const result = judged(story());
    const told = result.checks.map(({ id, verdict, message }) => `${id}: ${verdict}: ${message}`).join("\n");
    assert.deepEqual(notPassing(result), expected, told);
    const [first] = Object.keys(expected);
    if (says !== undefined) assert.match(result.checks.find(({ id }) => id === first)?.message ?? "", says);
  });
}
