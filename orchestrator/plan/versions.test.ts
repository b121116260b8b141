import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { UsageError } from "./errors.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";
import { parseVersions } from "./versions.ts";

test("the project's own versions.json is one (defect: a comment or nested value in it breaks every run)", () => {
  const versions = parseVersions(
    readFileSync(new URL("../../versions.json", import.meta.url), "utf8"),
    "versions.json",
  );
  assert.match(versions["kuberay"] ?? "", /^\d+\.\d+\.\d+$/);
});

for (const text of ["", "{", "[]", "null", '{"ray": 2.6}', '{"ray": ""}', '{"ray": {"version": "2"}}']) {
  test(`refused as versions: ${text || "(empty)"}`, () => {
    assert.throws(
      () => parseVersions(text, "versions.json"),
      (error) => {
        assert.ok(error instanceof UsageError);
        assertOneSentence(error.message);
        return true;
      },
    );
  });
}
