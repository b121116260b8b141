import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { aggressiveUpgrade } from "../checks/testing.ts";
import { judged } from "../judge/testing.ts";
import { recordStory } from "./testing/record-story.ts";
import { tellRecording, writeReports } from "./told-recording.ts";

const story = aggressiveUpgrade().finish();

async function told() {
  const root = await mkdtemp(join(tmpdir(), "zerodrop-told-"));
  try {
    await recordStory(story, join(root, "recording"));
    return await tellRecording(join(root, "recording"));
  } finally {
    await rm(root, { recursive: true });
  }
}

test("what is told of a recording is the judge's word and the run's course, read once", async () => {
  const { plan, result, course } = await told();
  assert.deepEqual(plan, story.plan);
  assert.deepEqual(result, judged(story));
  assert.equal(new Date(course().zeroMs).toISOString(), result.change.triggeredAt);
});

test("a page that cannot be made costs no verdict, and its note is the next command (defect: hours of load without a run.json)", async () => {
  const written: string[] = [];
  const notes: string[] = [];
  const broken = {
    ...(await told()),
    course: () => {
      throw new Error("a row that\nnobody thought of");
    },
  };
  const hasPage = await writeReports(
    broken,
    { recording: "results/it's", folder: null },
    {
      write: (name) => Promise.resolve(void written.push(name)),
      note: (text) => void notes.push(text),
    },
  );
  assert.equal(hasPage, false);
  assert.deepEqual(written, ["run.json", "junit.xml", "summary.md"]);
  assert.deepEqual(notes, [
    String.raw`report.html was not made (a row that nobody thought of); try again with: npm run report -- 'results/it'\''s'`,
  ]);
});

test("a disk that takes no run.json is an error (defect: a run that says nothing and exits 0)", async () => {
  const options = { write: () => Promise.reject(new Error("ENOSPC")), note: () => undefined };
  await assert.rejects(writeReports(await told(), { recording: "x", folder: null }, options), /ENOSPC/);
});
