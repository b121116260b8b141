import { JUNIT_XML } from "./junit.ts";
import { SUMMARY_MD } from "./markdown.ts";
import type { FileReport } from "./report.ts";
import { RUN_JSON } from "./run-json.ts";

/** The reports written into a run's folder, the one that others can be made from first. */
export const FILE_REPORTS: readonly FileReport[] = [RUN_JSON, JUNIT_XML, SUMMARY_MD];
