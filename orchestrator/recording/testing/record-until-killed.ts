/**
 * For tests only, a program of its own: `record-until-killed FOLDER opening|writing` records until somebody ends it, and says so first
 * with a line on stdout. `opening` begins one recording after another in FOLDER/1, FOLDER/2 and so on. `writing` fills one in
 * FOLDER/1 as fast as the disk takes it; its further lines tell how many lines of ledger and history are safe by then.
 */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { planOf } from "../../checks/testing.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import { openRecording, type NewObservation, type Recording } from "../writer.ts";

const LATENCY = Object.fromEntries(
  Array.from({ length: 50 }, (_, index) => [String(100 + 2 * index), 1 + (index % 3)]),
);
/** Some 4 KB, with characters of several bytes to be cut in two. */
const STATUS = Array.from({ length: 50 }, (_, index) => ({
  name: `c${String(index)}`,
  message: "größer als möglich — 漢字 ".repeat(2),
}));

const [folder = "", mode = ""] = process.argv.slice(2);
const clock = { wallMs: () => Date.now(), monoMs: () => performance.now() };
const open = (count: number): Promise<Recording> => openRecording(join(folder, String(count)), planOf(), clock);
const tell = (...counts: number[]): void => {
  process.stdout.write(`${counts.join(" ")}\n`);
};

if (mode === "opening") {
  // Left open: closing waits for the disk, and would be what the process is killed at. Nothing more is said: each word would wake
  // whoever kills, always at the same place.
  const opened: Recording[] = [await open(1)];
  tell(opened.length);
  for (;;) opened.push(await open(opened.length + 1));
}

const recording = await open(1);
tell(0, 0);
let [rows, seen] = [0, 0];
for (let round = 1; ; round += 1) {
  // Single lines, each written at once, and bursts that take the disk more than one go.
  const burst = round % 10 === 0 ? 1_000 : 1;
  for (let turn = 0; turn < burst; turn += 1) {
    recording.ledger(rowOf((rows += 1)));
    if (turn % 4 === 0) recording.observe(podOf((seen += 1)));
  }
  // Sometimes lines come while others are being written.
  if (round % 3 === 0) await setImmediate();
  if (round % 20 !== 0) continue;
  await recording.flush();
  tell(rows, seen);
}

function rowOf(seq: number): LedgerLine {
  const totals = { issued: 1, answered: 1, failed: 0, hanging: 0, inFlight: 0, oldestStartMs: null, dropped: 0 };
  if (seq % 5 === 0) return { type: "heartbeat", seq, atMs: 0, settledMs: 0, ...totals };
  const answer = { client: "steady", cluster: "app-abcde", version: "v1", connection: "reused" } as const;
  return { type: "answered", seq, binMs: 0, ...answer, count: 50, latency: LATENCY };
}

function podOf(seq: number): NewObservation {
  const pod = { kind: "Pod", event: "modified", name: "p", uid: "u" } as const;
  return { type: "object", ...pod, resourceVersion: String(seq), object: { status: STATUS } };
}
