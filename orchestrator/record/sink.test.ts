import assert from "node:assert/strict";
import { test } from "node:test";
import { sinkInto } from "./sink.ts";

test("a recording that cannot be written ends by a signal, instead of by an error in whoever happens to see something", () => {
  const written: unknown[] = [];
  let full = false;
  const { sink, broken } = sinkInto((line) => {
    if (full) throw new Error("no space left on device");
    written.push(line);
  });
  const line = { type: "synced", kind: "Pod", resourceVersion: "1" } as const;
  sink(line);
  assert.equal(broken.aborted, false);
  full = true;
  sink(line);
  full = false;
  sink(line);
  assert.equal(String(broken.reason), "Error: no space left on device");
  assert.equal(written.length, 1, "a hole in the middle must not look like a whole recording");
});
