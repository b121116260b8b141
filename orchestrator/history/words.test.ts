import assert from "node:assert/strict";
import { test } from "node:test";
import { duration, firstLine, reasonLine } from "./words.ts";

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

test("only a line that begins as a traceback does makes one (defect: a sentence about tracebacks told by its last line)", () => {
  const text = "No `Traceback (most recent call last)` was found.\nSee the log.";
  assert.equal(reasonLine(text), "No `Traceback (most recent call last)` was found.");
});

test("a line of 200 characters is told whole, a longer one is cut", () => {
  assert.equal(firstLine("x".repeat(200)), "x".repeat(200));
  assert.equal(firstLine("x".repeat(201)), `${"x".repeat(200)}…`);
});

test("a time is told in seconds from a tenth of one on (defect: 20 ms told as 0.0 s)", () => {
  assert.deepEqual([0, 20.4, 99, 100, 1_340].map(duration), ["0 ms", "20 ms", "99 ms", "0.1 s", "1.3 s"]);
});
