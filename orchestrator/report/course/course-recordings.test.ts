import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { keptRecordings, withUnpacked } from "../../../scripts/recordings.ts";
import { runResultSchema } from "../../judge/run-result.ts";
import { openRecordingForReading } from "../../recording/reader.ts";
import { createCourse } from "./course-fold.ts";
import type { Course } from "./course.ts";
import { answeredIn, sumOf } from "./testing/course-of.ts";

/** The course of a recording in a folder, as whoever reports on it makes it. */
async function courseIn(directory: string): Promise<Course> {
  const recording = await openRecordingForReading(directory);
  const fold = createCourse(recording.plan);
  for await (const lines of recording.observations()) for (const line of lines) fold.observe(line);
  for await (const lines of recording.ledger()) for (const line of lines) fold.ledger(line);
  return fold.finish();
}

function beginOf({ phases }: Course, name: string): number | null {
  return phases.find((phase) => phase.name === name)?.fromMs ?? null;
}

const msOf = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso));

for (const directory of await keptRecordings()) {
  test(`${basename(directory)}: the course has the counts and the times of run.json (defect: a report whose charts say something else than its verdict)`, async () => {
    const { load, change } = runResultSchema.parse(JSON.parse(await readFile(join(directory, "run.json"), "utf8")));
    const course = await withUnpacked(directory, courseIn);
    assert.deepEqual(JSON.parse(JSON.stringify(course)), course);
    const answered = Object.entries(course.load.answered).map(([version, column]) => [version, sumOf(column)]);
    assert.deepEqual(Object.fromEntries(answered), load.perVersion);
    assert.equal(answeredIn(course), load.answered);
    assert.deepEqual([sumOf(course.load.failed), sumOf(course.load.hanging)], [load.failed, load.hanging]);
    assert.deepEqual([course.failures.failed, course.failures.hanging], [load.failed, load.hanging]);
    assert.equal(sumOf(course.pressure.dropped), load.dropped);
    const triggeredMs = msOf(change.triggeredAt);
    assert.deepEqual([course.zero, course.zeroMs], ["trigger", triggeredMs]);
    const inPlace = change.way === "in-place";
    assert.equal(beginOf(course, inPlace ? "serve config changes" : "new cluster starts"), triggeredMs);
    const ends = change.rollback === undefined ? "old cluster ends" : "new cluster ends";
    assert.equal(beginOf(course, ends), inPlace ? null : msOf(change.convergedAt));
    const roles = course.clusters.map(({ role, cluster }) => [role, cluster]);
    const sides = inPlace ? {} : { new: change.arriving };
    assert.deepEqual(Object.fromEntries(roles), { old: change.leaving, ...sides });
    // What the status showed after each step is what the lines of the new RayCluster show.
    const traffic = course.clusters.find(({ role }) => role === "new")?.trafficRoutedPercent ?? [];
    const steps = change.steps.map(({ pendingTraffic }) => pendingTraffic).filter((percent) => percent !== null);
    assert.deepEqual(
      traffic.flatMap(([, percent]) => percent ?? []),
      steps.filter((percent, index) => percent !== steps[index - 1]),
    );
  });
}
