import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import { judgeRecording } from "../cli/judge-recording.ts";
import { RecordingError } from "../plan/errors.ts";
import { everythingIn, temporaryFolders } from "./testing/recordings.ts";

const newFolder = temporaryFolders();
const SEED = 20_260_314;
const FIRST_WORD_MS = 10_000;
let program = "";

before(async () => {
  program = join(newFolder(), "record.mjs");
  // One file starts several times faster than the sources do.
  const source = fileURLToPath(new URL("./testing/record-until-killed.ts", import.meta.url));
  await build({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
});

/** Lets a process record in `folder` and kills it `afterMs` after its first word. Resolves to its last word. */
async function killed(folder: string, mode: "opening" | "writing", afterMs: number): Promise<number[]> {
  await mkdir(folder, { recursive: true });
  const child = spawn(process.execPath, [program, folder, mode], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const closed = once(child, "close");
  try {
    await once(child.stdout, "data", { signal: AbortSignal.timeout(FIRST_WORD_MS) });
    await delay(afterMs);
  } finally {
    child.kill("SIGKILL");
  }
  assert.deepEqual(await closed, [null, "SIGKILL"]);
  // A word cut off was never said.
  const words = said.split("\n").slice(0, -1);
  return (words.at(-1) ?? "").split(" ").map(Number);
}

/** Moments to kill at, spread evenly, in ms: the same ones each time, as far as a machine's speed allows. */
function moments(count: number, mostMs: number): number[] {
  return fc.sample(fc.noBias(fc.nat({ max: mostMs })), { seed: SEED, numRuns: count });
}

test("a run killed while it opens its recording leaves a whole one, or none that is called one", async () => {
  for (const afterMs of moments(5, 50)) {
    const folder = newFolder();
    await killed(folder, "opening", afterMs);
    const names = (await readdir(folder)).toSorted((a, b) => Number(a) - Number(b));
    for (const [index, name] of names.entries()) {
      const directory = join(folder, name);
      if (index < names.length - 1 || (await readdir(directory)).includes("plan.json")) {
        const read = await everythingIn(directory);
        assert.deepEqual(read, { observations: [], ledger: [], cutShort: { history: false, ledger: false } });
        if (index === 0) assert.equal((await judgeRecording(directory)).verdict, "invalid");
      } else {
        await assert.rejects(
          everythingIn(directory),
          (error) => error instanceof RecordingError && error.message.includes("no plan.json"),
        );
      }
    }
  }
});

test("a run killed at any moment leaves a recording that is readable to its last whole line, and judged invalid", async () => {
  for (const afterMs of moments(10, 180)) {
    const folder = newFolder();
    const [rows = NaN, seen = NaN] = await killed(folder, "writing", afterMs);
    const directory = join(folder, "1");
    const { observations, ledger } = await everythingIn(directory);
    assert.ok(
      ledger.length >= rows && observations.length >= seen,
      "lines are lost that were said to be in their file",
    );
    // No hole and no line twice: each is the one after the line before it.
    for (const [index, line] of ledger.entries()) assert.equal(line.seq, index + 1);
    for (const [index, line] of observations.entries()) {
      assert.equal(line.type === "object" && line.resourceVersion, String(index + 1));
    }
    assert.equal((await judgeRecording(directory)).verdict, "invalid");
  }
});
