import type { Course } from "../course/course.ts";

/** Id of the element that holds PageData as JSON. */
export const DATA_ID = "run-data";

/** What the page's script draws from, as it is embedded in the page. */
export interface PageData {
  readonly course: Course;
  readonly versionBefore: string;
  readonly versionAfter: string;
  /** Requests/s that were asked for; null for the closed model. */
  readonly plannedRate: number | null;
}
