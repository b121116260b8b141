import http from "k6/http";

/** The same load for every variant of k6: as many connections as the others have, each sending one request after another. */
export const options = {
  scenarios: {
    bench: {
      executor: "constant-vus",
      vus: Number(__ENV.BENCH_CONNECTIONS),
      duration: `${__ENV.BENCH_SECONDS}s`,
      gracefulStop: "0s",
    },
  },
  // As the load of a run has it: fewer tags make all variants cheaper, and what an output adds is more of the rest.
  systemTags: ["scenario"],
};

export const url = __ENV.BENCH_URL;
export const request = { timeout: Number(__ENV.BENCH_TIMEOUT_MS), redirects: 0, responseType: "text" };

http.setResponseCallback(http.expectedStatuses({ min: 200, max: 299 }));

/** k6's summary goes to a file, and nothing to the terminal. */
export function handleSummary(data) {
  return { [__ENV.BENCH_SUMMARY]: JSON.stringify(data) };
}
