import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { assertOneSentence } from "../../orchestrator/plan/testing/one-sentence.ts";
import { parseLicenses } from "./args.ts";

test("bad arguments are refused in one sentence that names what was received", () => {
  const bad: readonly (readonly [argv: readonly string[], says: string])[] = [
    [["--jsn"], "nearest is --json, see npm run licenses -- --help."],
    [["--json=yes"], '"yes"'],
    [["--json", "--json"], "given once"],
    [["all"], '"all"'],
  ];
  for (const [argv, says] of bad) {
    assert.throws(
      () => parseLicenses(argv),
      (error) => {
        assert.ok(error instanceof UsageError);
        assertOneSentence(error.message);
        return error.message.includes(says);
      },
    );
  }
});

test("flags and help are read", () => {
  assert.deepEqual(parseLicenses([]), { command: "licenses", json: false });
  assert.deepEqual(parseLicenses(["--json"]), { command: "licenses", json: true });
  const help = parseLicenses(["--json", "--help"]);
  assert.ok(help.command === "help" && help.text.startsWith("Usage: npm run licenses"));
});
