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

test("versions come as they stand there", () => {
  assert.deepEqual(parseVersions('{"ray": "2.60.0", "k6": "2.2.0"}', "versions.json"), { ray: "2.60.0", k6: "2.2.0" });
});

test("what is no JSON is told as that, with its beginning alone (defect: a whole file in one sentence)", () => {
  for (const [text, begins] of [
    ["{ray: 2}", "{ray: 2}"],
    [`{${"x".repeat(100)}`, `{${"x".repeat(39)}`],
  ] as const) {
    assert.throws(
      () => parseVersions(text, "versions.json"),
      (error) => {
        assert.ok(error instanceof UsageError);
        const expected = `versions.json must be JSON; received "${begins}" (SyntaxError: `;
        assert.equal(error.message.slice(0, expected.length), expected);
        return true;
      },
    );
  }
});

test("a version that is no text is told by its part (defect: a user who must look through all of them)", () => {
  for (const [text, key] of [
    ['{"k6": "2.2.0", "ray": 2.6}', "ray"],
    ['{"ray": {"version": "2"}}', "ray"],
    ['{"k6": ""}', "k6"],
    ["[]", ""],
  ] as const) {
    assert.throws(() => parseVersions(text, "versions.json"), {
      name: "UsageError",
      message: `versions.json must give each part's version as text; received something else at "${key}".`,
    });
  }
});
