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

test("digits with anything beside them are no version, and nothing is thrown (defect: a version of a server that counts otherwise ends the judging)", () => {
  for (const other of ["7a", "a7", "-7", "7.5", " 7", "0x7", "1e3", "7-8"]) {
    assert.equal(writtenBefore(other, "8"), null, other);
    assert.equal(writtenBefore("8", other), null, other);
  }
});
