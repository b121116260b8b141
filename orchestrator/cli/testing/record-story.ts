import assert from "node:assert/strict";
import type { Story } from "../../checks/testing.ts";
import { openRecording } from "../../recording/writer.ts";

/** For tests only: writes a story as a recording into a new folder, with the story's own times. */
export async function recordStory(story: Story, directory: string): Promise<void> {
  let line = { wallMs: 0, monoMs: 0 };
  await using recording = await openRecording(directory, story.plan, {
    wallMs: () => line.wallMs,
    monoMs: () => line.monoMs,
  });
  for (line of story.observations) recording.observe(story.observations.find((one) => one === line) ?? assert.fail());
  for (const row of story.ledger) recording.ledger(row);
  await recording.writeText("k6-summary.json", JSON.stringify(story.summary));
}
