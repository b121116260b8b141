import type { Options, Scenario } from "k6/options";
import type { Settings } from "./settings.ts";

/**
 * k6's options for one kind of client.
 *
 * Neither model waits for running iterations at its end: what is in flight at the stop is the ledger's to account for.
 */
export function optionsFor(settings: Settings): Options {
  return {
    scenarios: { [settings.client]: settings.rate === null ? closed(settings) : open(settings, settings.rate) },
    thresholds: thresholdsFor(settings),
    // Only `check`, which names the checks in the summary: each of some sixteen samples a request carries its tags
    // into the JSON output, and the ledger has what the others would say.
    systemTags: ["check"],
    summaryTrendStats: ["avg", "min", "med", "max", "p(95)", "p(99)", "count"],
    discardResponseBodies: false,
    noConnectionReuse: false,
    noVUConnectionReuse: false,
  };
}

/** Requests start at a fixed rate, whether or not those before were answered. */
function open(settings: Settings, rate: number): Scenario {
  // k6 takes whole numbers only: 2.5 a second are 25 in 10 seconds.
  const period = Number.isInteger(rate) ? 1 : 10;
  return {
    executor: "constant-arrival-rate",
    rate: Math.max(1, Math.round(rate * period)),
    timeUnit: `${String(period)}s`,
    duration: `${String(settings.durationSeconds)}s`,
    // All at once: a VU made under load would take its time when the target is slowest.
    preAllocatedVUs: settings.vus,
    maxVUs: settings.vus,
    gracefulStop: "0s",
  };
}

/** Each VU sends its next request when it has the answer to the last. */
function closed(settings: Settings): Scenario {
  return {
    executor: "constant-vus",
    vus: settings.vus,
    duration: `${String(settings.durationSeconds)}s`,
    gracefulStop: "0s",
  };
}

/**
 * What someone reading k6's summary sees at a glance. k6 counts a rate without a single sample as kept, even
 * `rate>=1`, so each condition on a rate is paired with counts that something was there to be rated; a count without a
 * sample is 0, so a misspelt tag fails.
 */
function thresholdsFor(settings: Settings): Record<string, string[]> {
  const thresholds: Record<string, string[]> = {
    http_req_failed: ["rate<=0"],
    http_reqs: ["count>0"],
    checks: ["rate>=1"],
    dropped_iterations: ["count<1"],
    "zerodrop_end{outcome:answered}": ["count>0"],
  };
  for (const version of settings.versions)
    thresholds[`zerodrop_end{outcome:answered,version:${version}}`] = ["count>0"];
  return thresholds;
}
