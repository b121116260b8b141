import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { flawInLarge, largeText } from "../k6/lib/large-body.ts";
import { flawInStream } from "../k6/lib/stream-body.ts";

function line(chunk: number, more: object = {}): string {
  return `${JSON.stringify({ version: "v1", cluster: "app-v1", replica: "r1", chunk, chunks: 4, ...more })}\n`;
}
const WHOLE = [line(0), line(1), line(2), line(3)];

describe("a streamed answer", () => {
  it("is good when all its chunks are there in order, with or without the last line's end", () => {
    assert.equal(flawInStream(WHOLE.join(""), 4), "");
    assert.equal(flawInStream(WHOLE.join("").trimEnd(), 4), "");
  });

  const bad: readonly [string, string, string][] = [
    ["nothing", "", "the stream was truncated after 0 of 4 chunks"],
    ["two chunks", WHOLE.slice(0, 2).join(""), "the stream was truncated after 2 of 4 chunks"],
    ["half a last chunk", WHOLE.join("").slice(0, -20), "the stream was truncated after 3 of 4 chunks"],
    ["a broken chunk", [line(0), "{\n", line(2), line(3)].join(""), "chunk 1 of 4 is no JSON object"],
    ["a chunk too many", [...WHOLE, line(4)].join(""), "the stream had 5 chunks instead of 4"],
    ["a chunk left out", [line(0), line(2), line(3), line(3)].join(""), "chunk 1 of 4 says that it is 2 of 4"],
    ["other chunks than asked for", WHOLE.join("").replaceAll(":4", ":5"), "chunk 0 of 4 says that it is 0 of 5"],
    [
      "two versions",
      [line(0), line(1), line(2, { version: "v2", cluster: "app-v2" }), line(3)].join(""),
      "chunk 2 came from v2 on app-v2, those before from v1 on app-v1",
    ],
  ];
  for (const [what, body, flaw] of bad) {
    // Would catch: a stream that ended properly and too early, or was put together from two sides, taken for whole.
    it(`is told to have ${what}`, () => {
      assert.equal(flawInStream(body, 4), flaw);
    });
  }
});

describe("a large answer", () => {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const text = largeText(65_536);
  const sent = { text, sha256: sha256(text) };
  const payload = "x".repeat(65_536);
  const answer = { received: 65_536, received_sha256: sent.sha256, payload, payload_sha256: sha256(payload) };
  const flawOf = (more: object): string => flawInLarge(JSON.stringify({ ...answer, ...more }), sent, sha256);

  // Would catch: a body of another size, or one in which swapped pieces would go unseen.
  it("is asked for with a body of that size, of which no two pieces are alike", () => {
    assert.equal(Buffer.byteLength(text), 65_536);
    assert.equal(new Set(text.match(/[^]{64}/g)).size, 1024);
  });

  // Would catch: a body that was cut, changed or mixed up on its way there or back, taken for whole.
  it("is good when sizes and checksums agree, else told by what does not", () => {
    assert.equal(flawOf({}), "");
    assert.equal(flawOf({ received: 65_000 }), "of 65536 bytes sent, 65000 were received");
    assert.equal(flawOf({ received: undefined }), "of 65536 bytes sent, null were received");
    const other = sha256("other");
    assert.equal(flawOf({ received_sha256: other }), "what was received does not match the checksum of what was sent");
    assert.equal(flawOf({ payload: payload.slice(1) }), "the payload has 65535 of 65536 bytes");
    assert.equal(flawOf({ payload: 7 }), "the payload has none of 65536 bytes");
    assert.equal(flawOf({ payload: `y${payload.slice(1)}` }), "the payload does not match its checksum");
    assert.equal(flawOf({ payload_sha256: other }), "the payload does not match its checksum");
  });
});
