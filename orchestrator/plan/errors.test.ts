import assert from "node:assert/strict";
import { test } from "node:test";
import { DeadlineError, RecordingError, SetUpError, UsageError } from "./errors.ts";

test("a URL in a wrong argument loses its user and password (defect: a secret in a terminal's scrollback)", () => {
  const { message } = new UsageError(
    '--rate must be a number; received "influxdb=http://load:hunter2@db.example:8086/k6".',
  );
  assert.equal(message, '--rate must be a number; received "influxdb=http://***@db.example:8086/k6".');
});

test("a user alone goes too, however short, and a text in quotes is not looked into (defect: a token of one letter, or half a sentence hidden)", () => {
  assert.equal(new UsageError("Received http://a@one.").message, "Received http://***@one.");
  assert.equal(new UsageError("Received http://@one.").message, "Received http://***@one.");
  const apart = 'Received "http://one" and "me@two", or http://one and me@two.';
  assert.equal(new UsageError(apart).message, apart);
});

test("every URL loses them, and what is no URL stays (defect: only the first is looked at, or an address is hidden)", () => {
  assert.equal(new UsageError("http://a:b@one and https://c@two.").message, "http://***@one and https://***@two.");
  assert.equal(new UsageError("http://one/path@2 and me@two.").message, "http://one/path@2 and me@two.");
});

/** Each: what an argument may hold, and how a sentence shows it. */
const SHOWN: readonly (readonly [character: string, shown: string])[] = [
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\u0000", "\\u0000"],
  ["\u001b", "\\u001b"],
  ["\u007f", "\\u007f"],
  ["\u009b", "\\u009b"],
  ["\u2028", "\\u2028"],
  ["\u202e", "\\u202e"],
  ["\u2066", "\\u2066"],
  ["ä", "ä"],
  ["\\", "\\"],
  ['"', '"'],
];

test("what breaks a line or steers a terminal is written out (defect: an argument that clears the screen)", () => {
  for (const [character, shown] of SHOWN) {
    assert.equal(new UsageError(`a${character}b${character}c`).message, `a${shown}b${shown}c`);
    assert.equal(new RecordingError(`a${character}b${character}c`).message, `a${shown}b${shown}c`);
  }
});

test("each error says its name before its message (defect: a set-up that failed is printed as a plain Error)", () => {
  assert.equal(String(new UsageError("Wrong.")), "UsageError: Wrong.");
  assert.equal(String(new SetUpError("No cluster.")), "SetUpError: No cluster.");
  assert.equal(String(new RecordingError("No recording.")), "RecordingError: No recording.");
});

test("a deadline that passed says what was awaited, how long, and what was last seen (defect: ms told as seconds)", () => {
  const error = new DeadlineError("The k6 pod", 61_540, "Pending");
  assert.equal(error.message, "The k6 pod was awaited for 61.5 s; last seen: Pending");
  assert.deepEqual([error.what, error.afterMs, error.lastSeen], ["The k6 pod", 61_540, "Pending"]);
  assert.ok(error instanceof SetUpError);
});
