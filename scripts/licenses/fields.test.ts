import assert from "node:assert/strict";
import { test } from "node:test";
import { field, paragraphsOf } from "./fields.ts";

test("fields continue on lines that begin with a space, and paragraphs end at an empty line, also one of spaces or with CRLF", () => {
  const text = "Package: a\r\nDescription: one\r\n two\r\n .\r\n\r\n \t\nPackage: b\nnot a field\nDepends:\n c\n";
  const [first, second, ...more] = paragraphsOf(text);
  assert.deepEqual(more, []);
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(field(first, "description"), "one\ntwo\n.");
  assert.equal(field(second, "PACKAGE"), "b");
  assert.equal(field(second, "Depends"), "\nc");
});

test("a field that stands there more than once has all its values (defect: only one classifier of a wheel counts)", () => {
  const [fields] = paragraphsOf("Classifier: one\nName: x\nClassifier: two\n and its rest\n");
  assert.deepEqual(fields?.get("classifier"), ["one", "two\nand its rest"]);
});
