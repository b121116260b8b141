import assert from "node:assert/strict";
import { test } from "node:test";
import { Imports } from "./imports.ts";

test("a module reaches what its imports import, in circles too, and nothing else (defect: tests that load the mutant are not run)", () => {
  const imports = new Imports();
  imports.saw("file:///a.test.ts", "file:///a.ts");
  imports.saw("file:///a.ts", "file:///b.ts");
  imports.saw("file:///b.ts", "file:///a.ts");
  imports.saw("file:///c.test.ts", "file:///c.ts");
  assert.equal(imports.reaches("file:///a.test.ts", "file:///b.ts"), true);
  assert.equal(imports.reaches("file:///c.test.ts", "file:///b.ts"), false);
});

test("a module that was loaded again under another query is the same one", () => {
  const imports = new Imports();
  imports.saw("file:///a.test.ts?generation=1", "file:///a.ts?generation=1");
  imports.saw("file:///a.ts", "file:///b.ts");
  assert.equal(imports.reaches("file:///a.test.ts?generation=2", "file:///b.ts"), true);
});

test("a module that was not loaded yet may reach anything", () => {
  assert.equal(new Imports().reaches("file:///a.test.ts", "file:///b.ts"), true);
});
