import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonLine } from "./words.ts";

test("a traceback is told by the exception it ends with (defect: a cause that reads `failed with exception:`)", () => {
  const traceback = [
    "Deploying app 'app' failed with exception:",
    "Traceback (most recent call last):",
    '  File "/app/serve.py", line 3, in <module>',
    "ModuleNotFoundError: No module named 'nowhere'",
    "",
  ];
  assert.equal(reasonLine(traceback.join("\n")), "ModuleNotFoundError: No module named 'nowhere'");
  assert.equal(reasonLine(" The first line.\nand more"), "The first line.");
  assert.equal(reasonLine(`Traceback (most recent call last)\n${"x".repeat(300)}`), `${"x".repeat(200)}…`);
});
