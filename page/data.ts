import { DATA_ID, type PageData } from "../orchestrator/report/html/page-data.ts";

/** What this page tells, as it was embedded when the page was made. */
export function readPageData(): PageData {
  const text = document.getElementById(DATA_ID)?.textContent ?? "";
  // Written with this script by one and the same program: it is no outside data.
  return JSON.parse(text) as PageData;
}
