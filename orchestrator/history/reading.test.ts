import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { read, readOnce } from "./reading.ts";

const schema = z.object({ pod: z.object({ name: z.string("expected a name") }) }, "expected an object");

test("a problem is told with its place, or as one of the whole (defect: a sentence that begins with a colon)", () => {
  assert.deepEqual(read(schema, { pod: { name: 7 } }), { ok: false, problem: "pod.name: expected a name" });
  assert.deepEqual(read(schema, null), { ok: false, problem: "the whole: expected an object" });
  assert.deepEqual(read(schema, { pod: { name: "a", more: 1 } }), { ok: true, view: { pod: { name: "a" } } });
});

test("an object is read once, and what is none each time (defect: an empty answer that ends the judge)", () => {
  const seen: unknown[] = [];
  const reader = readOnce((value) => {
    seen.push(value);
    return read(schema, value);
  });
  const object = { pod: { name: "a" } };
  assert.equal(reader(object), reader(object));
  for (const value of [null, "text", undefined]) {
    assert.deepEqual(reader(value), { ok: false, problem: "the whole: expected an object" });
  }
  assert.deepEqual(seen, [object, null, "text", undefined]);
});
