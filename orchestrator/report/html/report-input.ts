import type { RunResult } from "../../judge/run-result.ts";
import type { Started } from "../../plan/command-line.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Course } from "../course/course.ts";

/** What the page is made of: everything that is told, and what it needs to work on its own. */
export interface PageInput {
  readonly result: RunResult;
  readonly plan: Plan;
  readonly course: Course;
  readonly assets: PageAssets;
  /** Names of the files that lie beside the page in the recording's folder, to be linked; empty when it lies elsewhere. */
  readonly files: readonly string[];
  /** The recording's folder as a reader would type it. */
  readonly recording: string;
  /** How zerodrop was started, for the commands that the page shows; from a checkout when left out. */
  readonly started?: Started;
}

/** Script and style of the page, each with the hash that its content security policy names (`sha256-…`, Base64). */
export interface PageAssets {
  readonly script: string;
  readonly scriptHash: string;
  readonly style: string;
  readonly styleHash: string;
}
