import assert from "node:assert/strict";

/** Tags with their attributes in double quotes, as the page's template writes them. */
const TAG = /<(\/?[a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<]*")?)*)\s*\/?>/g;

/** Without its tags, its style and its scripts, no markup is left of the page; and no tag carries a handler. */
export function assertWellFormed(html: string): void {
  const scripts = [...html.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
  assert.deepEqual(scripts, ['<script id="run-data" type="application/json">', "<script>"]);
  const [, data = ""] = /<script id="run-data"[^>]*>(.*?)<\/script>/s.exec(html) ?? [];
  assert.ok(!data.includes("<"), "what could end the data's element is escaped");
  JSON.parse(data);
  const markup = html
    .replace(/^<!doctype html>/, "")
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(/<script\b.*?<\/script>/gs, "");
  for (const [tag, , attributes = ""] of markup.matchAll(TAG))
    assert.doesNotMatch(attributes.replaceAll(/"[^"]*"/g, ""), /\son/, tag);
  const left = markup.replaceAll(TAG, "");
  const at = left.indexOf("<");
  assert.equal(at, -1, left.slice(Math.max(0, at - 100), at + 100));
  // An option's value is not shown.
  assert.doesNotMatch(
    markup.replaceAll(/ value="[^"]*"/g, ""),
    /[\u0000-\u0008\u001b\u202e\ud800-\udfff]/u,
    "nothing that steers a display",
  );
}
