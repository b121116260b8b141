import assert from "node:assert/strict";

/** For tests of error messages: one sentence on one line, with an end and no second sentence inside. */
export function assertOneSentence(message: string): void {
  assert.match(message, /^[A-Za-z-].*\.$/, message);
  assert.doesNotMatch(message, /\n/, message);
  assert.doesNotMatch(message, /\. [A-Z]/, message);
}
