import assert from "node:assert/strict";
import { test } from "node:test";
import { embeddedJson } from "./embedded-json.ts";
import type { PageData } from "./page-data.ts";
import { course } from "./testing/page-input.ts";

const one = course();

function dataWith(text: string): PageData {
  return {
    course: { ...one, kinds: { [text]: one.load }, failures: { ...one.failures, texts: [text] } },
    versionBefore: text,
    versionAfter: "v2",
    plannedRate: null,
  };
}

test("what is embedded cannot end its element, and reads back as it was (defect: a message that closes the script)", () => {
  const data = dataWith('</script><!--<script>alert("1")</script>');
  const text = embeddedJson(data);
  assert.ok(!text.includes("<"));
  assert.deepEqual(JSON.parse(text), data);
});

test("texts and names come without what steers a display (defect: a kind of client that turns a key's direction)", () => {
  const text = embeddedJson(dataWith("a\u202eb\u001b[31m\ud800\nc"));
  assert.deepEqual(JSON.parse(text), dataWith("a\ufffdb\ufffd[31m\ufffd c"));
});
