import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { aggressiveUpgrade } from "../checks/testing.ts";
import { judged } from "../judge/testing.ts";
import { runJson } from "../report/run-json.ts";
import { judgeRecording } from "./judge-recording.ts";
import { recordStory } from "./testing/record-story.ts";

let root = "";
before(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-judge-"));
});
after(() => rm(root, { recursive: true }));

/** Records a whole upgrade, with the story's own times. */
async function recorded(name: string): Promise<string> {
  const directory = join(root, name);
  await recordStory(aggressiveUpgrade().finish(), directory);
  return directory;
}

test("a recording on disk comes to the verdict of the run itself, byte for byte and again", async () => {
  const directory = await recorded("whole");
  const live = runJson(judged(aggressiveUpgrade().finish()));
  assert.equal(runJson(await judgeRecording(directory)), live);
  assert.equal(runJson(await judgeRecording(directory)), live);
});

test("a recording cut off anywhere is judged invalid and never crashes", async () => {
  const directory = await recorded("cut");
  for (const file of ["history.ndjson", "ledger.ndjson"]) {
    const { length } = await readFile(join(directory, file));
    for (const share of [0, 0.001, 0.3, 0.7, 0.999]) {
      const copy = join(root, `${file}-${share}`);
      await cp(directory, copy, { recursive: true });
      await truncate(join(copy, file), Math.floor(length * share));
      assert.equal((await judgeRecording(copy)).verdict, "invalid", `${file} at ${share}`);
    }
  }
});
