import assert from "node:assert/strict";
import { test } from "node:test";
import { described, meaningOf } from "./config-words.ts";

test("a key's words end with its default, which editors fill in where it is the same for everybody", () => {
  assert.deepEqual(described("Time, in seconds.", { value: 15 }), {
    description: "Time, in seconds. Default: 15.",
    default: 15,
  });
  assert.deepEqual(described("Name.", { words: "what the scenario says, else haproxy" }), {
    description: "Name. Default: what the scenario says, else haproxy.",
  });
});

test("a description is taken apart again into meaning and default (defect: a version loses its points)", () => {
  assert.deepEqual(meaningOf("Time, in seconds. Default: 2.5."), { meaning: "Time, in seconds.", default: "2.5" });
  assert.deepEqual(meaningOf("A group of keys."), { meaning: "A group of keys.", default: "" });
  assert.deepEqual(meaningOf(" Default: none."), { meaning: "", default: "none" });
});
