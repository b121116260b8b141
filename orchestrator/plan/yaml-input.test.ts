import assert from "node:assert/strict";
import { test } from "node:test";
import { readYaml, reasonOf, shown, valueAt } from "./yaml-input.ts";

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

test("nesting has an end (defect: a value that holds itself keeps a run from ever beginning)", () => {
  const message =
    "run.yaml must be nested at most 50 levels deep; received YAML or JSON that is deeper, or holds itself.";
  for (const text of [nested(51), "&loop [*loop]", "a: &loop { b: *loop }"]) {
    assert.throws(() => readYaml(text, "run.yaml"), { name: "UsageError", message });
  }
  assert.equal(JSON.stringify(readYaml(nested(50), "run.yaml")), nested(50));
});

test("a value is shown on one line, and no longer than 60 characters (defect: a whole file in one sentence)", () => {
  assert.equal(shown("a".repeat(58)), `"${"a".repeat(58)}"`);
  assert.equal(shown("a".repeat(59)), `"${"a".repeat(56)}...`);
  assert.equal(shown({ a: ["b\nc", null] }), '{"a":["b\\nc",null]}');
});

test("what JSON has no word for is shown all the same (defect: received null for .inf)", () => {
  assert.deepEqual([Infinity, Number.NaN, undefined, null, 2.5].map(shown), [
    "Infinity",
    "NaN",
    "undefined",
    "null",
    "2.5",
  ]);
});

test("the reason is the first line without its end (defect: a sentence that stops in the middle)", () => {
  assert.equal(reasonOf(new Error("Bad indentation at line 1:\n\nload: {\n     ^")), "Bad indentation at line 1");
  assert.equal(reasonOf("thrown as text. "), "thrown as text");
});

test("what stands at a path, and nothing where the path leads nowhere (defect: a crash while a mistake is told)", () => {
  const data = { load: { clients: ["steady", "long"] }, none: null };
  assert.equal(valueAt(data, ["load", "clients", 1]), "long");
  assert.equal(valueAt(data, []), data);
  for (const path of [
    ["laod", "clients"],
    ["none", "clients"],
    ["load", "clients", 1, "length"],
  ]) {
    assert.equal(valueAt(data, path), undefined);
  }
});

test("a tag that nobody knows is passed over without a word (defect: a library's warning in the middle of a run's lines)", async () => {
  const warnings: string[] = [];
  const note = ({ name, message }: Error): void => {
    if (name === "YAMLWarning") warnings.push(message);
  };
  process.on("warning", note);
  try {
    assert.deepEqual(readYaml("strategy: !mine aggressive", "run.yaml"), { strategy: "aggressive" });
    // Node tells of a warning only when what runs now is done.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", note);
  }
  assert.deepEqual(warnings, []);
});

test("a text that is no YAML is told with the line of it (defect: a user who must look through a whole file)", () => {
  assert.throws(() => readYaml("rate: 5\nload: [", "run.yaml"), {
    name: "UsageError",
    message: /^run\.yaml must be YAML or JSON; received text that is neither \(.* at line 2, column \d+\)\.$/,
  });
});

test("an empty text, or one of comments only, holds nothing (defect: a crash on a file that was only made)", () => {
  for (const text of ["", "# Nothing yet.\n"]) assert.deepEqual(readYaml(text, "run.yaml"), {});
});
