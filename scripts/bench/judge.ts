/**
 * `npm run bench:judge`: what judging a recording costs, and how it grows with its length. Exits with 1 when an hour at 1,000 requests/s with
 * 200 pod events a minute takes longer, or more memory, than it may.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { writeLongRecording } from "./long-recording.ts";

const HOURS = [0.1, 1, 10];
const RATE = 1000;
const POD_EVENTS_PER_MINUTE = 200;
/** Bounds for one hour: seconds of the whole process, start included, and its largest resident memory. */
const MOST_SECONDS = 3;
const MOST_MEGABYTES = 300;
const RUNS = 3;

const onceSchema = z.object({
  verdict: z.string(),
  sentence: z.string(),
  seconds: z.number(),
  cpuSeconds: z.number(),
  megabytes: z.number(),
});

interface Measured extends z.infer<typeof onceSchema> {
  /** Of the whole process. */
  readonly wallSeconds: number;
}

async function judgeOnce(directory: string): Promise<Measured> {
  const script = join(import.meta.dirname, "judge-once.ts");
  const began = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script, directory], {
    timeout: 300_000,
  });
  const wallSeconds = (performance.now() - began) / 1000;
  return { ...onceSchema.parse(JSON.parse(stdout)), wallSeconds };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const columns = ["hours", "MB on disk", "process s", "judging s", "CPU s", "memory MB", "verdict"];
process.stdout.write(
  `judging ${RATE} requests/s and ${POD_EVENTS_PER_MINUTE} pod events a minute, medians of ${RUNS} runs\n`,
);
process.stdout.write(`${columns.map((name) => name.padStart(11)).join("")}\n`);
for (const hours of HOURS) {
  const directory = await mkdtemp(join(tmpdir(), "zerodrop-bench-"));
  try {
    const bytes = await writeLongRecording(directory, { hours, rate: RATE, podEventsPerMinute: POD_EVENTS_PER_MINUTE });
    const runs: Measured[] = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await judgeOnce(directory));
    const [first] = runs;
    if (first?.verdict !== "pass")
      throw new Error(`The made recording must pass; it was judged: ${first?.sentence ?? ""}`);
    const wallSeconds = median(runs.map((run) => run.wallSeconds));
    const megabytes = Math.max(...runs.map((run) => run.megabytes));
    const cells = [
      String(hours),
      (bytes / 1e6).toFixed(0),
      wallSeconds.toFixed(2),
      median(runs.map((run) => run.seconds)).toFixed(2),
      median(runs.map((run) => run.cpuSeconds)).toFixed(2),
      megabytes.toFixed(0),
      first.verdict,
    ];
    process.stdout.write(`${cells.map((cell) => cell.padStart(11)).join("")}\n`);
    if (hours === 1 && (wallSeconds > MOST_SECONDS || megabytes > MOST_MEGABYTES)) {
      process.stdout.write(`An hour may take ${MOST_SECONDS} s and ${MOST_MEGABYTES} MB.\n`);
      process.exitCode = 1;
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
