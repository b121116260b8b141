import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { licenceFaults, parseDeclared } from "./licences.ts";

const part = (name: string, spdx: string | null, kind = "Go module") => ({
  ...{ kind, name, version: "1.0.0", licence: { spdx, told: "LICENSE has no fixed text" } },
});
const json = (parts: readonly unknown[], files: unknown[] | null = []): string =>
  JSON.stringify({
    artefacts: [
      { name: "k6", files },
      { name: "base", files: [] },
    ],
    parts,
  });
const DECLARED = parseDeclared("- { kind: Go module, name: b, licence: MIT, read: LICENSE }", "list");

test("known and declared licences are enough", () => {
  assert.deepEqual(licenceFaults(json([part("a", "MIT"), part("b", null)]), DECLARED), []);
});

test("a licence that nobody knows is named, with the reason (defect: one that is shipped unread)", () => {
  const faults = licenceFaults(json([part("b", null), part("c", null), part("b", null, "Debian package")]), DECLARED);
  assert.deepEqual(faults, [
    "The licence of the Go module c 1.0.0 is not known (LICENSE has no fixed text): read it, and declare it.",
    "The licence of the Debian package b 1.0.0 is not known (LICENSE has no fixed text): read it, and declare it.",
  ]);
});

test("a declared licence that is not needed any more is named (defect: a list that excuses what comes later under that name)", () => {
  for (const parts of [[part("a", "MIT")], [part("b", "MIT")]]) {
    assert.match(licenceFaults(json(parts), DECLARED).join(), /^The Go module b is declared, and is not among/);
  }
});

test("what is not built is not known, and says nothing of what is declared", () => {
  assert.deepEqual(licenceFaults(json([part("a", "MIT")], null), DECLARED), [
    "k6 must be built for it to be known what is in them (npm run cluster -- up).",
  ]);
});

test("a list that is none is refused in one sentence", () => {
  for (const text of [
    "a: b",
    "- { kind: Gem, name: b, licence: MIT, read: x }",
    "- { kind: Go module, name: b }",
    "[",
    "",
  ]) {
    assert.throws(
      () => parseDeclared(text, "list.yaml"),
      (error) => error instanceof UsageError && /^list\.yaml .*\.$/.test(error.message),
    );
  }
});

test("the list of this checkout is one, each part once", async () => {
  const file = join(import.meta.dirname, "unknown-licences.yaml");
  const declared = parseDeclared(await readFile(file, "utf8"), file);
  const names = declared.map(({ kind, name }) => `${kind} ${name}`);
  assert.equal(new Set(names).size, names.length);
});
