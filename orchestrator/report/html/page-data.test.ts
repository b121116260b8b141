import assert from "node:assert/strict";
import { test } from "node:test";
import { embeddedJson, type PageData } from "./page-data.ts";
import { course } from "./testing/page-input.ts";

test("what is embedded cannot end its element, and reads back as it was (defect: a message that closes the script)", () => {
  const hostile = '</script><!--<script>alert("1")</script>\u2028';
  const one = course();
  const data: PageData = {
    course: { ...one, failures: { ...one.failures, texts: [hostile] } },
    versionBefore: hostile,
    versionAfter: "v2",
    plannedRate: null,
  };
  const text = embeddedJson(data);
  assert.ok(!text.includes("<"));
  assert.deepEqual(JSON.parse(text), data);
});
