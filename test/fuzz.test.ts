/** What nobody should write is read, or refused by a sentence: never a crash, never a hang. */
import assert from "node:assert/strict";
import { test } from "node:test";
import "./testing/fuzz-inputs.ts";
import "./testing/fuzz-answers.ts";
import "./testing/fuzz-recordings.ts";
import { inputsGiven } from "./testing/fuzz.ts";

/** Of all tests together, at least. */
const INPUTS = 10_000;

test("those were at least 10,000 inputs (defect: a target is left out, and nobody sees it)", () => {
  assert.ok(inputsGiven() >= INPUTS, String(inputsGiven()));
});
