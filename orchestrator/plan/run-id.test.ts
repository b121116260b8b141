import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runIdFor } from "./run-id.ts";

test("a run's id is its time and its strategy", () => {
  const at = new Date("2026-04-23T22:15:30.999Z");
  assert.equal(runIdFor(at, "aggressive"), "20260423-221530-aggressive");
  assert.equal(runIdFor(at, "25/2/50"), "20260423-221530-25-2-50");
});

test("what is no letter or digit is one hyphen, and none at the end (defect: a name with a row of hyphens, or one that is no label)", () => {
  const at = new Date("2026-04-23T22:15:30.999Z");
  assert.equal(runIdFor(at, "Blue / Green"), "20260423-221530-blue-green");
  assert.equal(runIdFor(at, "25//50/"), "20260423-221530-25-50");
  assert.equal(runIdFor(at, "///"), "20260423-221530");
});

test("a long name is cut to the 63 characters of a label (defect: a Job that the API server refuses)", () => {
  const at = new Date("2026-04-23T22:15:30.999Z");
  assert.equal(runIdFor(at, "a".repeat(48)), `20260423-221530-${"a".repeat(47)}`);
  assert.equal(runIdFor(at, `${"a".repeat(46)}/b`), `20260423-221530-${"a".repeat(46)}`);
});

test("every id is an RFC 1123 label (defect: a slash in a path, an upper-case T in a label value)", () => {
  const date = fc.date({ min: new Date("2020-01-01"), max: new Date("2099-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(date, fc.string({ maxLength: 80 }), (at, name) => {
      assert.match(runIdFor(at, name), /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }),
  );
});
