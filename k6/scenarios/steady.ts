/**
 * A client that sends short requests, one after another, on a connection it keeps: at a constant rate (open model), or
 * as fast as it gets answers (closed model).
 *
 * They are POST requests, as calls of a model are. With GET a dropped request could go unseen: Go's HTTP client, which
 * k6 uses, sends a GET again by itself when a kept connection is reset before the first byte of the answer.
 */
import { check, sleep } from "k6";
import http from "k6/http";
import { readAnswer, type Answer } from "../lib/answer.ts";
import { Ledger } from "../lib/ledger.ts";
import { optionsFor } from "../lib/options.ts";
import { readSettings } from "../lib/settings.ts";
import { summaryTo } from "../lib/summary.ts";

const settings = readSettings(__ENV);
const ledger = new Ledger(settings.client);
const knownVersions = new Set(settings.versions);

/** Pause of a closed-model client after a failure, in s: with nobody there it would ask a thousand times a second. */
const PAUSE_SECONDS = 0.1;

const request = {
  headers: settings.host === "" ? {} : { Host: settings.host },
  timeout: settings.requestTimeoutMs,
  // A redirect is an answer like any other, and not the one that is expected.
  redirects: 0,
  responseType: "text" as const,
};

const checks = {
  "answered by a known version": (answer: Answer) => answer.outcome === "answered" && knownVersions.has(answer.version),
};

// k6 would otherwise take every status from 200 to 399 as success in http_req_failed.
http.setResponseCallback(http.expectedStatuses(200));

export const options = optionsFor(settings);

export default function (): void {
  ledger.begin();
  const response = http.post(settings.url, null, request);
  const answer = readAnswer(response);
  ledger.end(answer, response.status, response.error_code);
  check(answer, checks);
  if (answer.outcome !== "answered" && settings.rate === null) sleep(PAUSE_SECONDS);
}

export function handleSummary(data: Parameters<typeof summaryTo>[1]): Record<string, string> {
  return summaryTo(__ENV["ZERODROP_SUMMARY"] ?? "k6-summary.json", data);
}
