import { readdir } from "node:fs/promises";
import { createJudge } from "../judge/judge.ts";
import type { RunResult } from "../judge/run-result.ts";
import type { Plan } from "../plan/plan.ts";
import { openRecordingForReading } from "../recording/reader.ts";
import { createCourse } from "../report/course/course-fold.ts";
import type { Course } from "../report/course/course.ts";
import { FILE_REPORTS } from "../report/files.ts";
import { REPORT_HTML, reportPage } from "../report/html/page.tsx";
import { pageAssets } from "./page-assets.ts";

/** Everything that reports tell of a recording. */
export interface ToldRecording {
  readonly plan: Plan;
  readonly result: RunResult;
  readonly course: Course;
}

/** Judges a recording and follows its course, reading it once. Rejects like judgeRecording. */
export async function tellRecording(directory: string): Promise<ToldRecording> {
  const recording = await openRecordingForReading(directory);
  const { plan } = recording;
  const judge = createJudge(plan, recording.k6Summary);
  const course = createCourse(plan);
  for await (const lines of recording.observations()) {
    for (const line of lines) {
      judge.observe(line);
      course.observe(line);
    }
  }
  for await (const lines of recording.ledger()) {
    for (const line of lines) {
      judge.ledger(line);
      course.ledger(line);
    }
  }
  return { plan, result: judge.finish(), course: course.finish() };
}

/** A file of a run's folder. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** Where a report is read. */
export interface ReportPlace {
  /** The recording's folder as a reader would type it. */
  readonly recording: string;
  /** The folder itself, when the report lies in it and can link to what lies beside it; else null. */
  readonly folder: string | null;
}

/** Every report that has a file of its own. */
export async function reportFiles(told: ToldRecording, place: ReportPlace): Promise<ReportFile[]> {
  const files = FILE_REPORTS.map((report) => ({ name: report.file, text: report.text(told.result) }));
  const html = await reportHtml(
    told,
    place,
    files.map(({ name }) => name),
  );
  return [...files, { name: REPORT_HTML, text: html }];
}

/** report.html alone. `soon` names files that will lie beside it and do not yet. */
export async function reportHtml(
  told: ToldRecording,
  { recording, folder }: ReportPlace,
  soon: readonly string[] = [],
): Promise<string> {
  const files = folder === null ? [] : [...new Set([...(await filesIn(folder)), ...soon])].sort();
  return reportPage({ ...told, assets: await pageAssets(), files, recording });
}

/** What a recording's folder holds, but for the report itself and what is not meant to be seen. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name !== REPORT_HTML && !name.startsWith("."));
}
