import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import { aggressiveUpgrade, planOf, steadyLoad } from "../checks/testing.ts";
import type { RunResult } from "../judge/run-result.ts";
import { judged } from "../judge/testing.ts";
import { runJson } from "./run-json.ts";
import { RUN_SCHEMA_FILE, runSchema } from "./run-schema.ts";
import { runResult } from "./testing.ts";

const published = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(await readFile(join(import.meta.dirname, "../..", RUN_SCHEMA_FILE), "utf8")));
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(published);

function errorsOf(text: string): unknown {
  validate(JSON.parse(text));
  return validate.errors ?? [];
}

/** run.json with one of its values otherwise. */
function edited(change: (document: Record<string, unknown>) => void): string {
  const document = z.record(z.string(), z.unknown()).parse(JSON.parse(runJson(runResult())));
  change(document);
  return JSON.stringify(document);
}

test("the published schema is the one of the code (npm run schema publishes it)", () => {
  assert.deepEqual(published, JSON.parse(JSON.stringify(runSchema())));
});

test("the published schema names its draft and its version", () => {
  assert.equal(published["$schema"], "https://json-schema.org/draft/2020-12/schema");
  assert.match(z.string().parse(published["description"]), /schemaVersion/);
});

const results: Readonly<Record<string, () => RunResult>> = {
  "a whole upgrade": () => judged(aggressiveUpgrade().finish()),
  "a failed request": () => judged(aggressiveUpgrade().at(50).failed().finish()),
  "a run that never came to its change": () => judged(steadyLoad(planOf()).finish()),
};
for (const [name, result] of Object.entries(results)) {
  test(`what the judge makes of ${name} is valid against the published schema`, () => {
    assert.deepEqual(errorsOf(runJson(result())), []);
  });
}

test("the schema refuses what is no run.json (defect: a schema that takes everything)", () => {
  const wrong: readonly ((document: Record<string, unknown>) => void)[] = [
    (document) => delete document["verdict"],
    (document) => (document["verdict"] = "maybe"),
    (document) => (document["schemaVersion"] = 2),
    (document) => (document["checks"] = [{ id: "zero-failures" }]),
    (document) => (document["load"] = { failed: -1 }),
  ];
  assert.deepEqual(errorsOf(edited(() => undefined)), []);
  for (const change of wrong) assert.notDeepEqual(errorsOf(edited(change)), []);
});

test("the schema takes keys and checks it does not know (defect: what is added next month breaks whoever validates)", () => {
  const added = { id: "new-check", verdict: "pass", required: true, message: "", figures: {}, violations: [] };
  assert.deepEqual(errorsOf(edited((document) => Object.assign(document, { added: 1, checks: [added] }))), []);
});
