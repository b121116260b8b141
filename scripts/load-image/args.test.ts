import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { assertOneSentence } from "../../orchestrator/plan/testing/one-sentence.ts";
import { parseImages } from "./args.ts";

test("bad arguments are refused in one sentence that names what was received", () => {
  const bad: readonly (readonly [argv: readonly string[], says: string])[] = [
    [["--ou", "x"], "nearest is --out, see npm run images -- --help."],
    [["--out"], "received nothing"],
    [["--out", "a", "--out", "b"], "given once"],
    [["load"], '"load"'],
  ];
  for (const [argv, says] of bad) {
    assert.throws(
      () => parseImages(argv),
      (error) => {
        assert.ok(error instanceof UsageError);
        assertOneSentence(error.message);
        return error.message.includes(says);
      },
    );
  }
});

test("the folder and help are read", () => {
  assert.deepEqual(parseImages([]), { command: "images", out: undefined });
  assert.deepEqual(parseImages(["--out", "dist"]), { command: "images", out: "dist" });
  const help = parseImages(["--out", "dist", "--help"]);
  assert.ok(help.command === "help" && help.text.startsWith("Usage: npm run images"));
});
