import assert from "node:assert/strict";
import { test } from "node:test";
import { writtenBefore } from "./resource-version.ts";

test("versions are numbers, not texts, however long", () => {
  assert.equal(writtenBefore("999", "1000"), true);
  assert.equal(writtenBefore("1000", "999"), false);
  assert.equal(writtenBefore("9007199254740993", "9007199254740992"), false);
  assert.equal(writtenBefore("7", "7"), false);
});

test("a version of another form tells nothing", () => {
  assert.equal(writtenBefore("", "7"), null);
  assert.equal(writtenBefore("7", "abc"), null);
});
