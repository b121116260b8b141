import assert from "node:assert/strict";
import { appendFile, chmod, mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { RecordingError } from "../plan/errors.ts";
import { openRecordingForReading } from "./reader.ts";
import { everythingIn, HEARTBEAT, record, temporaryFolders } from "./testing/recordings.ts";

const newFolder = temporaryFolders();
const MIB = 1024 * 1024;
const TRIGGER = `{"type":"action","wallMs":1,"monoMs":2,"action":"trigger","facts":{}}\n`;

/** A recording whose history and ledger have a line each beside their headers. */
async function recorded(): Promise<{ directory: string; history: string; ledger: string; plan: string }> {
  const directory = newFolder();
  await record(directory, (recording) => {
    recording.observe({ type: "action", action: "record-start", facts: {} });
    recording.ledger({ ...HEARTBEAT, seq: 1, atMs: 5 });
  });
  const [history, ledger, plan] = ["history.ndjson", "ledger.ndjson", "plan.json"].map((name) => join(directory, name));
  return { directory, history: history ?? "", ledger: ledger ?? "", plan: plan ?? "" };
}

/** What a refusal says, which must be one sentence for people. */
async function refusal(act: Promise<unknown>): Promise<string> {
  const error: unknown = await act.then(
    () => assert.fail("did not reject"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RecordingError, String(error));
  assert.match(error.message, /^[^\n]+[^.]\.$/);
  return error.message;
}

test("a last line cut off anywhere is left out and reported", async () => {
  const { directory, ledger } = await recorded();
  await appendFile(ledger, `${JSON.stringify({ ...HEARTBEAT, seq: 2, atMs: 6 })}\n`);
  const whole = await readFile(ledger, "utf8");
  const lastLine = whole.trimEnd().lastIndexOf("\n") + 1;
  for (const length of [whole.length - 1, whole.length - 30, lastLine + 1]) {
    await truncate(ledger, length);
    const read = await everythingIn(directory);
    assert.equal(read.ledger.length, 1);
    assert.deepEqual(read.cutShort, { history: false, ledger: true });
  }
});

test("a line cut off within a character is a cut line, not damage", async () => {
  const { directory, history } = await recorded();
  await appendFile(history, Buffer.from(`{"type":"action","facts":{"é`).subarray(0, -1));
  const { observations, cutShort } = await everythingIn(directory);
  assert.deepEqual([observations.length, cutShort.history], [1, true]);
});

test("a file cut off within its first line, or before it, is empty and cut short", async () => {
  const { directory, history, ledger } = await recorded();
  for (const length of [12, 0]) {
    await truncate(history, length);
    await truncate(ledger, length);
    const read = await everythingIn(directory);
    assert.deepEqual(read, { observations: [], ledger: [], cutShort: { history: true, ledger: true } });
  }
});

test("a ledger with its header alone is an empty one", async () => {
  const { directory, ledger } = await recorded();
  await truncate(ledger, (await readFile(ledger, "utf8")).indexOf("\n") + 1);
  const read = await everythingIn(directory);
  assert.deepEqual([read.ledger, read.cutShort.ledger], [[], false]);
});

test("lines of every length and in every place of a piece come back whole, in order and by their numbers", async () => {
  const directory = newFolder();
  // Longer than a piece of the file, as long as one, shorter, and of two and three bytes a character.
  const texts = [300_000, 3, 262_144, 17, 700_001, 1].map((length, index) => "xé漢"[index % 3]?.repeat(length) ?? "");
  await record(directory, (recording) => {
    for (const text of texts) recording.observe({ type: "action", action: "trigger", facts: { text } });
    for (let seq = 1; seq <= 5_000; seq += 1) recording.ledger({ ...HEARTBEAT, seq, atMs: seq });
  });
  const { observations, ledger } = await everythingIn(directory);
  assert.deepEqual(
    observations.map((line) => (line.type === "action" ? line.facts["text"] : undefined)),
    texts,
  );
  assert.ok(ledger.length === 5_000 && ledger.every(({ seq }, index) => seq === index + 1));
  await appendFile(join(directory, "history.ndjson"), "odd\n");
  assert.match(await refusal(everythingIn(directory)), /history\.ndjson line 8: expected JSON, received "odd"\.$/);
});

test("an unreadable line that is not the last is refused with its file and number", async () => {
  const { directory, history } = await recorded();
  await appendFile(history, '{"type":"act\n{"type":"action"}\n');
  assert.match(
    await refusal(everythingIn(directory)),
    /history\.ndjson line 3: expected JSON, received "\{\\"type\\":\\"act"\.$/,
  );
});

test("a line of the wrong shape is refused with its place", async () => {
  const { directory, history, ledger } = await recorded();
  await appendFile(history, TRIGGER.replace("2", '"2"'));
  assert.match(await refusal(everythingIn(directory)), /history\.ndjson line 3: monoMs: /);
  const row = `{"type":"answered","seq":2,"binMs":0,"client":"","cluster":"","version":"","connection":"new","count":1,"latency":{"1":1}}\n`;
  await appendFile(ledger, row);
  await truncate(history, 0);
  assert.equal((await everythingIn(directory)).ledger.length, 2);
  await appendFile(ledger, row.replace('{"1":1}', '{"1.5":1}'));
  assert.match(await refusal(everythingIn(directory)), /ledger\.ndjson line 4: latency: expected whole numbers/);
});

test("a type of line that nobody knows is refused by its name", async () => {
  const { directory, history } = await recorded();
  await appendFile(history, '{"type":"rumour","wallMs":1,"monoMs":2}\n');
  assert.match(await refusal(everythingIn(directory)), /history\.ndjson line 3: has the unknown type "rumour"\.$/);
  await truncate(history, 0);
  await appendFile(history, TRIGGER);
  assert.match(await refusal(everythingIn(directory)), /history\.ndjson line 1: schemaVersion: /);
});

test("a recording of a newer zerodrop is refused as such, in every file, and an odd version as none", async () => {
  const { directory, ledger, plan } = await recorded();
  const planText = await readFile(plan, "utf8");
  const newer = /was written by a newer zerodrop \(schema version 2\); this one reads up to 1\.$/;
  await writeFile(ledger, '{"schemaVersion":2,"runId":7,"pages":"ledger"}\n');
  assert.match(await refusal(everythingIn(directory)), newer);
  await writeFile(plan, planText.replace('"schemaVersion": 1', '"schemaVersion": 2'));
  assert.match(await refusal(openRecordingForReading(directory)), newer);
  for (const odd of ["0", '"1"', "null"]) {
    await writeFile(plan, planText.replace('"schemaVersion": 1', `"schemaVersion": ${odd}`));
    assert.match(await refusal(openRecordingForReading(directory)), /plan\.json: has schema version .*, which is none/);
  }
});

test("files of two runs in one folder, or under each other's name, are refused", async () => {
  const { directory, history, ledger } = await recorded();
  const ledgerText = await readFile(ledger, "utf8");
  await writeFile(ledger, '{"schemaVersion":1,"runId":"other","file":"ledger"}\n');
  assert.match(await refusal(everythingIn(directory)), /belongs to run other/);
  await writeFile(history, ledgerText);
  assert.match(await refusal(everythingIn(directory)), /expected the header of a history, received that of a ledger/);
});

test("a missing file, a folder in a file's place, and a folder that is no recording are said in a sentence", async () => {
  const { directory, history, ledger, plan } = await recorded();
  await rm(ledger);
  assert.match(await refusal(everythingIn(directory)), /ledger\.ndjson is missing\.$/);
  await mkdir(ledger);
  assert.match(await refusal(everythingIn(directory)), /ledger\.ndjson is a folder where a file should be\.$/);
  await rm(plan);
  assert.match(await refusal(openRecordingForReading(directory)), /is no recording: it has no plan\.json\.$/);
  await mkdir(plan);
  assert.match(await refusal(openRecordingForReading(directory)), /plan\.json is a folder where a file should be\.$/);
  assert.match(
    await refusal(openRecordingForReading(history)),
    /history\.ndjson is no recording: it is not a folder\.$/,
  );
  assert.match(await refusal(openRecordingForReading(join(dirname(directory), "none"))), /none is missing\.$/);
});

test("a run that was killed before it had begun to record left no recording", async () => {
  const { directory, plan } = await recorded();
  const text = await readFile(plan, "utf8");
  await rm(plan);
  await writeFile(`${plan}.partial`, text.slice(0, 40));
  assert.match(await refusal(openRecordingForReading(directory)), /is no recording: it has no plan\.json\.$/);
});

test(
  "a file that may not be read is said in a sentence",
  { skip: process.getuid?.() === 0 && "root may read it" },
  async () => {
    const { directory, history } = await recorded();
    await chmod(history, 0);
    assert.match(await refusal(everythingIn(directory)), /history\.ndjson may not be read: permission denied\.$/);
  },
);

test("what is no UTF-8 is refused with its line", async () => {
  const { directory, history, plan } = await recorded();
  await appendFile(history, TRIGGER + TRIGGER);
  await appendFile(history, Buffer.from([0x22, 0xc3, 0x28, 0x22, 0x0a]));
  await appendFile(history, TRIGGER);
  assert.match(await refusal(everythingIn(directory)), /history\.ndjson line 5: is not UTF-8 text\.$/);
  await appendFile(plan, Buffer.from([0xff]));
  assert.match(await refusal(openRecordingForReading(directory)), /plan\.json: is not UTF-8 text\.$/);
});

test("a line without an end is refused when it is longer than any line is, not read into memory to its end", async () => {
  const { directory, history, plan } = await recorded();
  const header = (await readFile(history, "utf8")).split("\n")[0] ?? "";
  const longest = `{${" ".repeat(16 * MIB - TRIGGER.length + 1)}${TRIGGER.slice(1)}`;
  await writeFile(history, `${header}\n${longest}`);
  assert.equal((await everythingIn(directory)).observations.length, 1);
  await writeFile(history, `${header}\n ${longest}${TRIGGER}`);
  assert.match(
    await refusal(everythingIn(directory)),
    /history\.ndjson line 2: is longer than 16 MiB, which no line is\.$/,
  );
  // A hole of 3 GB, which takes no room on the disk and would not fit a string.
  await truncate(history, 3_000 * MIB);
  assert.match(await refusal(everythingIn(directory)), /history\.ndjson line 2: is longer than 16 MiB/);
  await truncate(plan, 3_000 * MIB);
  assert.match(await refusal(openRecordingForReading(directory)), /plan\.json: is longer than 16 MiB/);
});

test("k6's summary is read when it is there and refused when it is none", async () => {
  const { directory } = await recorded();
  const summary = join(directory, "k6-summary.json");
  assert.equal((await openRecordingForReading(directory)).k6Summary, undefined);
  await writeFile(summary, '{"state":{"testRunDurationMs":1},"metrics":{}}');
  assert.deepEqual((await openRecordingForReading(directory)).k6Summary?.metrics, {});
  await writeFile(summary, '{"state":{}}');
  assert.match(await refusal(openRecordingForReading(directory)), /k6-summary\.json: state\.testRunDurationMs: /);
});

test("what is nested without end is refused, in a plan and in a line (defect: the reader's own stack overflows, which is told as a bug)", async () => {
  const { directory, history, plan } = await recorded();
  const abyss = "[".repeat(20_000) + "]".repeat(20_000);
  await appendFile(history, `{"type":"action","wallMs":1,"monoMs":2,"action":"trigger","facts":{"x":${abyss}}}\n`);
  assert.match(await refusal(everythingIn(directory)), /history\.ndjson line 3: facts\.x: expected at most 500 levels/);
  const step = `{"do":"upgrade","patch":[{"op":"add","path":"/spec/x","value":${abyss}}]}`;
  await writeFile(plan, (await readFile(plan, "utf8")).replace(/\}\s*$/, `,"steps":[${step}]}`));
  assert.match(await refusal(openRecordingForReading(directory)), /plan\.json: is nested deeper than can be read\.$/);
});
