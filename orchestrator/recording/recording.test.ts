import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { planOf } from "../checks/testing.ts";
import { RecordingError } from "../plan/errors.ts";
import { openRecordingForReading, type RecordingReader } from "./reader.ts";
import { openRecording, type Recording } from "./writer.ts";

let root = "";
let directory = "";
let runs = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-recording-"));
});
beforeEach(() => {
  directory = join(root, String((runs += 1)), "run");
});
after(() => rm(root, { recursive: true }));

/** A clock whose every reading is 10 ms later. */
function steppingClock(): { wallMs(): number; monoMs(): number } {
  let ms = 0;
  return { wallMs: () => 1_000_000 + (ms += 10), monoMs: () => ms };
}

async function record(write: (recording: Recording) => void | Promise<void>): Promise<void> {
  await using recording = await openRecording(directory, planOf(), steppingClock());
  await write(recording);
}

async function all<T>(lines: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of lines) values.push(value);
  return values;
}

async function everything(reader?: RecordingReader) {
  const recording = reader ?? (await openRecordingForReading(directory));
  return {
    observations: await all(recording.observations()),
    ledger: await all(recording.ledger()),
    cutShort: recording.cutShort,
  };
}

const HEARTBEAT = {
  type: "heartbeat",
  settledMs: 1,
  issued: 0,
  answered: 0,
  failed: 0,
  hanging: 0,
  inFlight: 0,
  oldestStartMs: null,
  dropped: 0,
} as const;

test("what was written is read back, stamped by the given clock", async () => {
  await record(async (recording) => {
    recording.observe({ type: "action", action: "record-start", facts: { a: 1 } });
    recording.observe({ type: "synced", kind: "Pod", resourceVersion: "7" });
    recording.ledger({ ...HEARTBEAT, seq: 1, atMs: 5 });
    await recording.writeText("logs/operator.log", "hello");
  });
  const { observations, ledger, cutShort } = await everything();
  assert.deepEqual(observations, [
    { type: "action", wallMs: 1_000_010, monoMs: 10, action: "record-start", facts: { a: 1 } },
    { type: "synced", wallMs: 1_000_020, monoMs: 20, kind: "Pod", resourceVersion: "7" },
  ]);
  assert.deepEqual(ledger, [{ ...HEARTBEAT, seq: 1, atMs: 5 }]);
  assert.deepEqual(cutShort, { history: false, ledger: false });
  assert.equal(await readFile(join(directory, "logs/operator.log"), "utf8"), "hello");
});

test("every file begins with schemaVersion and runId", async () => {
  await record(() => undefined);
  for (const name of ["plan.json", "history.ndjson", "ledger.ndjson"]) {
    const text = await readFile(join(directory, name), "utf8");
    const first = JSON.parse(name === "plan.json" ? text : (text.split("\n")[0] ?? "")) as Record<string, unknown>;
    assert.deepEqual([first["schemaVersion"], first["runId"]], [1, planOf().runId], name);
  }
});

test("a burst faster than the disk loses no line and keeps the order", async () => {
  const count = 50_000;
  await record((recording) => {
    for (let seq = 1; seq <= count; seq += 1) recording.ledger({ ...HEARTBEAT, seq, atMs: seq });
  });
  const { ledger } = await everything();
  assert.equal(ledger.length, count);
  assert.ok(ledger.every((line, index) => line.seq === index + 1));
});

test("flush makes every line so far readable, before the close", async () => {
  await using recording = await openRecording(directory, planOf(), steppingClock());
  recording.ledger({ ...HEARTBEAT, seq: 1, atMs: 5 });
  await recording.flush();
  assert.equal((await everything()).ledger.length, 1);
});

test("close may be called again; a line after it is an error, not lost in silence", async () => {
  const recording = await openRecording(directory, planOf(), steppingClock());
  await recording.close();
  await recording.close();
  assert.throws(() => recording.ledger({ ...HEARTBEAT, seq: 1, atMs: 5 }), /after the recording was closed/);
});

test("a folder that holds a recording is never written over", async () => {
  await record(() => undefined);
  await assert.rejects(openRecording(directory, planOf(), steppingClock()), { code: "EEXIST" });
});

test("a file's name cannot leave the folder", async () => {
  await using recording = await openRecording(directory, planOf(), steppingClock());
  await assert.rejects(recording.writeText("../elsewhere", "x"), /must lie in its folder/);
});

test("a last line cut off anywhere is left out and reported", async () => {
  await record((recording) => {
    recording.ledger({ ...HEARTBEAT, seq: 1, atMs: 5 });
    recording.ledger({ ...HEARTBEAT, seq: 2, atMs: 6 });
  });
  const path = join(directory, "ledger.ndjson");
  const whole = await readFile(path, "utf8");
  const lastLine = whole.trimEnd().lastIndexOf("\n") + 1;
  for (const length of [whole.length - 1, whole.length - 30, lastLine + 1]) {
    await truncate(path, length);
    const { ledger, cutShort } = await everything();
    assert.equal(ledger.length, 1);
    assert.deepEqual(cutShort, { history: false, ledger: true });
  }
});

test("a recording cut off within its first line, or before it, is empty and cut short", async () => {
  await record(() => undefined);
  for (const length of [12, 0]) {
    await truncate(join(directory, "history.ndjson"), length);
    assert.deepEqual((await everything()).cutShort, { history: true, ledger: false });
  }
});

async function rejection(act: Promise<unknown>): Promise<string> {
  const error: unknown = await act.then(
    () => assert.fail("did not reject"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RecordingError, String(error));
  assert.equal(error.message.split("\n").length, 1);
  return error.message;
}

test("an unreadable line that is not the last is refused with its file and number", async () => {
  await record((recording) => recording.observe({ type: "action", action: "trigger", facts: {} }));
  await appendFile(join(directory, "history.ndjson"), '{"type":"act\n{"type":"action"}\n');
  assert.match(
    await rejection(everything()),
    /history\.ndjson line 3: expected JSON, received "\{\\"type\\":\\"act"\.$/,
  );
});

test("a line of the wrong shape is refused with its place", async () => {
  await record(() => undefined);
  await appendFile(
    join(directory, "history.ndjson"),
    '{"type":"action","wallMs":1,"monoMs":"2","action":"trigger","facts":{}}\n',
  );
  assert.match(await rejection(everything()), /history\.ndjson line 2: monoMs: /);
});

test("a newer schema version is refused by its number, in every file", async () => {
  await record(() => undefined);
  const plan = await readFile(join(directory, "plan.json"), "utf8");
  await writeFile(join(directory, "ledger.ndjson"), '{"schemaVersion":2,"runId":"x","file":"ledger"}\n');
  assert.match(
    await rejection(everything()),
    /ledger\.ndjson line 1: has schema version 2, but this version of zerodrop reads 1\.$/,
  );
  await writeFile(join(directory, "plan.json"), plan.replace('"schemaVersion": 1', '"schemaVersion": 2'));
  assert.match(await rejection(openRecordingForReading(directory)), /plan\.json: has schema version 2/);
});

test("files of two runs in one folder are refused", async () => {
  await record(() => undefined);
  await writeFile(join(directory, "ledger.ndjson"), '{"schemaVersion":1,"runId":"other","file":"ledger"}\n');
  assert.match(await rejection(everything()), /belongs to run other/);
});

test("a folder that is no recording, and a missing file, are said in a sentence", async () => {
  assert.match(await rejection(openRecordingForReading(root)), /is no recording: it has no plan\.json\.$/);
  await record(() => undefined);
  await rm(join(directory, "ledger.ndjson"));
  assert.match(await rejection(everything()), /ledger\.ndjson is missing\.$/);
});

test("k6's summary is read when it is there and refused when it is none", async () => {
  await record((recording) => recording.writeText("k6-summary.json", '{"state":{"testRunDurationMs":1},"metrics":{}}'));
  assert.deepEqual((await openRecordingForReading(directory)).k6Summary?.metrics, {});
  await writeFile(join(directory, "k6-summary.json"), '{"state":{}}');
  assert.match(await rejection(openRecordingForReading(directory)), /k6-summary\.json: state\.testRunDurationMs: /);
});
