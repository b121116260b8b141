import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { planOf } from "../checks/testing.ts";
import { everythingIn, HEARTBEAT, record, steppingClock, temporaryFolders } from "./testing/recordings.ts";
import { openRecording } from "./writer.ts";

const newFolder = temporaryFolders();

test("what was written is read back, stamped by the given clock", async () => {
  const directory = newFolder();
  await record(directory, async (recording) => {
    recording.observe({ type: "action", action: "record-start", facts: { a: 1 } });
    recording.observe({ type: "synced", kind: "Pod", resourceVersion: "7" });
    recording.ledger({ ...HEARTBEAT, seq: 1, atMs: 5 });
    await recording.writeText("logs/operator.log", "hello");
  });
  const { observations, ledger, cutShort } = await everythingIn(directory);
  assert.deepEqual(observations, [
    { type: "action", wallMs: 1_000_010, monoMs: 10, action: "record-start", facts: { a: 1 } },
    { type: "synced", wallMs: 1_000_020, monoMs: 20, kind: "Pod", resourceVersion: "7" },
  ]);
  assert.deepEqual(ledger, [{ ...HEARTBEAT, seq: 1, atMs: 5 }]);
  assert.deepEqual(cutShort, { history: false, ledger: false });
  assert.equal(await readFile(join(directory, "logs/operator.log"), "utf8"), "hello");
});

test("every file begins with schemaVersion and runId", async () => {
  const directory = newFolder();
  await record(directory, () => undefined);
  for (const name of ["plan.json", "history.ndjson", "ledger.ndjson"]) {
    const text = await readFile(join(directory, name), "utf8");
    const first = JSON.parse(name === "plan.json" ? text : (text.split("\n")[0] ?? "")) as Record<string, unknown>;
    assert.deepEqual([first["schemaVersion"], first["runId"]], [1, planOf().runId], name);
  }
});

test("a burst faster than the disk loses no line and keeps the order", async () => {
  const directory = newFolder();
  const count = 50_000;
  await record(directory, (recording) => {
    for (let seq = 1; seq <= count; seq += 1) recording.ledger({ ...HEARTBEAT, seq, atMs: seq });
  });
  const { ledger } = await everythingIn(directory);
  assert.equal(ledger.length, count);
  assert.ok(ledger.every((line, index) => line.seq === index + 1));
});

test("flush makes every line so far readable, before the close", async () => {
  const directory = newFolder();
  await using recording = await openRecording(directory, planOf(), steppingClock());
  recording.ledger({ ...HEARTBEAT, seq: 1, atMs: 5 });
  await recording.flush();
  assert.equal((await everythingIn(directory)).ledger.length, 1);
});

test("close may be called again; a line after it is an error, not lost in silence", async () => {
  const directory = newFolder();
  const recording = await openRecording(directory, planOf(), steppingClock());
  await recording.close();
  await recording.close();
  assert.throws(() => recording.ledger({ ...HEARTBEAT, seq: 1, atMs: 5 }), /after the recording was closed/);
});

test("a folder that holds a recording, or any part of one, is never written over and stays as it was", async () => {
  for (const parts of [
    ["history.ndjson", "ledger.ndjson", "plan.json"],
    ["history.ndjson"],
    ["ledger.ndjson"],
    ["plan.json"],
  ]) {
    const directory = newFolder();
    await mkdir(directory, { recursive: true });
    for (const part of parts) await writeFile(join(directory, part), part);
    await assert.rejects(openRecording(directory, planOf(), steppingClock()), { code: "EEXIST" });
    assert.deepEqual((await readdir(directory)).toSorted(), parts);
    for (const part of parts) assert.equal(await readFile(join(directory, part), "utf8"), part);
  }
});

test("nothing but a recording's own files is left once it is open", async () => {
  const directory = newFolder();
  await record(directory, () => undefined);
  assert.deepEqual((await readdir(directory)).toSorted(), ["history.ndjson", "ledger.ndjson", "plan.json"]);
});

test("a file's name cannot leave the folder", async () => {
  const directory = newFolder();
  await using recording = await openRecording(directory, planOf(), steppingClock());
  await assert.rejects(recording.writeText("../elsewhere", "x"), /must lie in its folder/);
});
