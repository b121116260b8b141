/** What a load has once, whatever kinds of clients it is made of. */
import http from "k6/http";
import { optionsFor } from "./options.ts";
import { readSettings } from "./settings.ts";
import { summaryTo } from "./summary.ts";

export const settings = readSettings(__ENV);

export const options = optionsFor(settings);

// k6 would otherwise take every status from 200 to 399 as success in http_req_failed.
http.setResponseCallback(http.expectedStatuses(200));

export function handleSummary(data: Parameters<typeof summaryTo>[1]): Record<string, string> {
  return summaryTo(__ENV["ZERODROP_SUMMARY"] ?? "k6-summary.json", data);
}
