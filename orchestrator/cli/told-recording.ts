import { readdir } from "node:fs/promises";
import type { LedgerLine } from "../history/ledger.ts";
import type { Observation } from "../history/observation.ts";
import { createJudge } from "../judge/judge.ts";
import type { RunResult } from "../judge/run-result.ts";
import type { Plan } from "../plan/plan.ts";
import { openRecordingForReading } from "../recording/reader.ts";
import { createCourse, type CourseFold } from "../report/course/course-fold.ts";
import type { Course } from "../report/course/course.ts";
import { FILE_REPORTS } from "../report/files.ts";
import { REPORT_HTML, reportPage } from "../report/html/page.tsx";
import { oneLine } from "../report/plain-text.ts";
import { shellWord } from "../report/shell-word.ts";
import { readInto } from "./judge-recording.ts";
import { pageAssets } from "./page-assets.ts";
import { started, typed } from "./started.ts";

/** Everything that reports tell of a recording. */
export interface ToldRecording {
  readonly plan: Plan;
  readonly result: RunResult;
  /** For the page alone. Throws what went wrong while it was followed: a verdict must not be lost for it. */
  readonly course: () => Course;
}

/** Judges a recording and follows its course, reading it once. Rejects like judgeRecording. */
export async function tellRecording(directory: string): Promise<ToldRecording> {
  const recording = await openRecordingForReading(directory);
  const { plan } = recording;
  const judge = createJudge(plan, recording.k6Summary);
  const course = new GuardedCourse(plan);
  await readInto(recording, [judge, course]);
  return { plan, result: judge.finish(), course: () => course.finish() };
}

/** A course that may break: from then on it is fed nothing more. */
class GuardedCourse {
  readonly #fold: CourseFold;
  #broken: Error | undefined;

  constructor(plan: Plan) {
    this.#fold = createCourse(plan);
  }

  observe(line: Observation): void {
    this.#feed(() => this.#fold.observe(line));
  }

  ledger(line: LedgerLine): void {
    this.#feed(() => this.#fold.ledger(line));
  }

  #feed(step: () => void): void {
    if (this.#broken !== undefined) return;
    try {
      step();
    } catch (error) {
      this.#broken = error instanceof Error ? error : new Error(String(error));
    }
  }

  finish(): Course {
    if (this.#broken !== undefined) throw this.#broken;
    return this.#fold.finish();
  }
}

/** Where reports go, and what their readers are told. */
export interface ReportPlace {
  /** The recording's folder as a reader would type it. */
  readonly recording: string;
  /** The folder itself, when the page lies in it and can link to what lies beside it; else null. */
  readonly folder: string | null;
}

/**
 * Writes every report that has a file of its own. The page comes last: if it cannot be made, the verdict's files are there all the same, and
 * `note` says why and how to try again. Resolves to whether there is a page.
 */
export async function writeReports(
  told: ToldRecording,
  place: ReportPlace,
  { write, note }: { write: (name: string, text: string) => Promise<void>; note: (text: string) => void },
): Promise<boolean> {
  for (const report of FILE_REPORTS) await write(report.file, report.text(told.result));
  try {
    await write(REPORT_HTML, await reportHtml(told, place));
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    note(
      `${REPORT_HTML} was not made (${oneLine(why)}); try again with: ${typed(`report ${shellWord(place.recording)}`)}`,
    );
    return false;
  }
}

/** report.html alone. */
export async function reportHtml(told: ToldRecording, { recording, folder }: ReportPlace): Promise<string> {
  const files = folder === null ? [] : await filesIn(folder);
  return reportPage({ ...told, course: told.course(), assets: await pageAssets(), files, recording, started });
}

/** What a recording's folder holds, but for the report itself and what is not meant to be seen. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name !== REPORT_HTML && !name.startsWith(".")).sort();
}
