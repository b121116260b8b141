import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLine } from "./command-line.ts";

test("a command is named as it can be typed where zerodrop was started (defect: a hint that is no command there)", () => {
  assert.equal(commandLine("checkout", "load"), "npm run load");
  assert.equal(
    commandLine("checkout", "analyze a b --json", { quiet: true }),
    "npm run --silent analyze -- a b --json",
  );
  assert.equal(commandLine("package", "load"), "npx zerodrop load");
  assert.equal(commandLine("package", "analyze a b --json", { quiet: true }), "npx zerodrop analyze a b --json");
});
