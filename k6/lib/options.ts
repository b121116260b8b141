import type { Options, Scenario } from "k6/options";
import type { ClientSettings, Settings } from "./settings.ts";

/** k6 takes whole numbers of iterations only, so a rate is so many in 1,000 s. */
const PERIOD_SECONDS = 1000;

/** k6's own values, which are too few for a larger burst: requests that a batch sends at once, altogether and to one host. */
const BATCH = 20;
const BATCH_PER_HOST = 6;

/**
 * k6's options: a scenario for each kind of client, of the same name and running the function of that name.
 *
 * No scenario waits for running iterations at its end: what is in flight at the stop is the ledger's to account for. All of them
 * start and end together and keep their VUs meanwhile, so a VU, and with it its connections, belongs to one kind of client.
 */
export function optionsFor(settings: Settings): Options {
  const atOnce = Math.max(...settings.clients.map(({ requestsPerIteration }) => requestsPerIteration));
  return {
    scenarios: Object.fromEntries(settings.clients.map((client) => [client.client, scenarioFor(client, settings)])),
    ...segmentOf(settings),
    ...(settings.hosts === undefined ? {} : { hosts: { ...settings.hosts } }),
    thresholds: thresholdsFor(settings),
    // Only what tells the dropped iterations of one kind from another's: every sample carries its tags.
    systemTags: ["scenario"],
    summaryTrendStats: ["avg", "min", "med", "max", "p(95)", "p(99)", "count"],
    discardResponseBodies: false,
    noConnectionReuse: false,
    noVUConnectionReuse: false,
    // They are also the connections that a VU keeps.
    batch: Math.max(BATCH, atOnce),
    batchPerHost: Math.max(BATCH_PER_HOST, atOnce),
  };
}

function scenarioFor(client: ClientSettings, { durationSeconds, parallelism }: Settings): Scenario {
  // k6 leaves a scenario out of a segment that gets none of its VUs, and the segment's iterations with it.
  const vus = Math.max(client.vus, parallelism);
  const common = { exec: client.client, duration: `${String(durationSeconds)}s`, gracefulStop: "0s" };
  // Closed: each VU sends its next request when it has the answer to the last.
  if (client.rate === null) return { executor: "constant-vus", vus, ...common };
  // Open: requests start at a fixed rate, whether or not those before were answered.
  return {
    executor: "constant-arrival-rate",
    rate: Math.max(1, Math.round((client.rate / client.requestsPerIteration) * PERIOD_SECONDS)),
    timeUnit: `${String(PERIOD_SECONDS)}s`,
    // All at once: a VU made under load would take its time when the target is slowest.
    preAllocatedVUs: vus,
    maxVUs: vus,
    ...common,
  };
}

/** The pod's part of the load: k6 divides iterations and VUs among equal segments so that they add up. */
function segmentOf({
  parallelism,
  podIndex,
}: Settings): Pick<Options, "executionSegment" | "executionSegmentSequence"> {
  if (parallelism === 1) return {};
  const cut = (index: number): string =>
    index === 0 ? "0" : index === parallelism ? "1" : `${String(index)}/${String(parallelism)}`;
  return {
    executionSegment: `${cut(podIndex)}:${cut(podIndex + 1)}`,
    executionSegmentSequence: Array.from({ length: parallelism + 1 }, (_, index) => cut(index)).join(","),
  };
}

/**
 * What someone reading k6's summary sees at a glance. k6 counts a rate without a single sample as kept, even
 * `rate>=1`, so each condition on a rate is paired with counts that something was there to be rated; a count without a
 * sample is 0, so a misspelt tag fails.
 */
function thresholdsFor({ versions }: Settings): Record<string, string[]> {
  const thresholds: Record<string, string[]> = {
    http_req_failed: ["rate<=0"],
    http_reqs: ["count>0"],
    dropped_iterations: ["count<1"],
    "zerodrop_answers{outcome:answered}": ["count>0"],
  };
  for (const version of versions) thresholds[`zerodrop_answers{outcome:answered,version:${version}}`] = ["count>0"];
  return thresholds;
}
