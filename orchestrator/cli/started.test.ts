import assert from "node:assert/strict";
import { test } from "node:test";
import { placesOf } from "./started.ts";

test("a checkout keeps results, a package leaves them where the user stands (defect: runs that go with node_modules)", () => {
  const here = process.cwd();
  const env = { INIT_CWD: "/stood" };
  assert.deepEqual(placesOf("checkout", "/project", env), { root: "/project", cwd: "/stood", home: "/project" });
  assert.deepEqual(placesOf("checkout", "/project", {}), { root: "/project", cwd: here, home: "/project" });
  // Set by a user's own npm script, whose paths are meant from its folder.
  assert.deepEqual(placesOf("package", "/package", env), { root: "/package", cwd: here, home: here });
});
