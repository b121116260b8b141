import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { recordIssue } from "./record-issue.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";

const schema = z.strictObject(
  {
    scenario: z.string({ error: "Text is needed. Anything else is refused. No number" }),
    expect: z.strictObject({ fails: z.array(z.string({ error: "must be text" })) }),
  },
  { error: "must be a group of keys" },
);
const RECORD = { source: "Proof late-drain", kind: "proof", keys: Object.keys(schema.shape) };

/** What is said of data that the schema refuses. */
function said(data: unknown): string {
  const { error } = schema.safeParse(data);
  assert.ok(error);
  const sentence = recordIssue(RECORD, error.issues, data);
  assertOneSentence(sentence);
  return sentence;
}

const expect = { fails: [] };

test("a key that is none is named with the nearest one (defect: told as a wrong value of the whole record)", () => {
  assert.equal(
    said({ scenario: "upgrade", expect, scenarioo: 1 }),
    'Proof late-drain: "scenarioo" is not a key of a proof; nearest is scenario.',
  );
});

test("a key within a group is named by its path, without a guess (defect: a guess from the keys of another group)", () => {
  assert.equal(
    said({ scenario: "upgrade", expect: { fails: [], expects: 1 } }),
    'Proof late-drain: "expect.expects" is not a key of a proof.',
  );
});

test("a wrong value is named by its path, with what was received", () => {
  assert.equal(
    said({ scenario: "upgrade", expect: { fails: ["a", 5] } }),
    "Proof late-drain: expect.fails.1 is wrong (must be text); received 5.",
  );
});

test("a schema's several sentences become one (defect: a message that reads as two)", () => {
  assert.equal(
    said({ scenario: 5, expect }),
    "Proof late-drain: scenario is wrong (Text is needed, anything else is refused, no number); received 5.",
  );
});

test("data that is no record at all is told as the whole (defect: a colon with nothing after it)", () => {
  assert.equal(said([1, 2]), "Proof late-drain is wrong (must be a group of keys); received [1,2].");
});

test("with no reason known it is still a sentence", () => {
  assert.equal(recordIssue(RECORD, [], {}), "Proof late-drain is not a proof.");
});
