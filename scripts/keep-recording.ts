/**
 * `npm run recordings:keep -- DIR NAME`: keeps a run's recording in test/recordings, reduced: each kind of line of the history without which every check
 * says the same, word for word, is left out, and logs and reports are.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { z } from "zod";
import { judgeRecording } from "../orchestrator/cli/judge-recording.ts";
import { linesOf } from "../orchestrator/recording/lines.ts";
import { runJson } from "../orchestrator/report/run-json.ts";

const COPIED = ["plan.json", "k6-summary.json"] as const;
const HISTORY = "history.ndjson";
const LEDGER = "ledger.ndjson";

const lineSchema = z.looseObject({
  type: z.string().optional(),
  kind: z.string().optional(),
  poll: z.string().optional(),
});

/** Kinds of lines by which a history is reduced, the most wordy ones first. */
const REDUCIBLE = [
  "Event",
  "serve-applications",
  "gateway-stats",
  "platform-pods",
  "Job",
  "Gateway",
  "warm-up-reading",
];

function kindOf(line: string): string {
  const { type, kind, poll } = lineSchema.parse(JSON.parse(line));
  return kind ?? poll ?? type ?? "";
}

async function wholeLinesOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const piece of linesOf(path)) if ("texts" in piece) lines.push(...piece.texts);
  return lines;
}

/** What every check says of the recording in a folder. */
async function wordsOn(folder: string): Promise<string> {
  const { verdict, checks } = await judgeRecording(folder);
  return JSON.stringify([verdict, checks.map(({ id, verdict: one, message }) => [id, one, message])]);
}

async function keep(from: string, name: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "zerodrop-keep-"));
  try {
    for (const file of [...COPIED, LEDGER]) {
      await copyFile(join(from, file), join(work, file)).catch((error: unknown) => {
        // A run that was cut short has no summary.
        if (file !== "k6-summary.json") throw error;
      });
    }
    let history = await wholeLinesOf(join(from, HISTORY));
    const write = (lines: readonly string[]): Promise<void> =>
      writeFile(join(work, HISTORY), lines.map((line) => `${line}\n`).join(""));
    await write(history);
    const whole = await wordsOn(work);
    for (const kind of REDUCIBLE) {
      const less = history.filter((line) => kindOf(line) !== kind);
      await write(less);
      const same = (await wordsOn(work)) === whole;
      process.stdout.write(`${kind}: ${String(history.length - less.length)} lines ${same ? "left out" : "kept"}\n`);
      if (same) history = less;
    }
    await write(history);
    const place = join(import.meta.dirname, "../test/recordings", name);
    await rm(place, { recursive: true, force: true });
    await mkdir(place);
    for (const file of COPIED) await copyFile(join(work, file), join(place, file)).catch(() => undefined);
    for (const file of [HISTORY, LEDGER]) {
      const packed = await promisify(gzip)(await readFile(join(work, file)), { level: 9 });
      await writeFile(join(place, `${file}.gz`), packed);
    }
    await writeFile(join(place, "run.json"), runJson(await judgeRecording(work)));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const [from, name, ...rest] = process.argv.slice(2);
if (from === undefined || name === undefined || rest.length > 0 || !/^[a-z0-9-]+$/.test(name)) {
  process.stderr.write(
    "A recording's folder and a new name of lower-case letters, digits and hyphens are needed: npm run recordings:keep -- DIR NAME\n",
  );
  process.exitCode = 64;
} else {
  await keep(from, name);
}
