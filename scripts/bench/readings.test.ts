import assert from "node:assert/strict";
import { test } from "node:test";
import { readK6 } from "./k6.ts";
import { readLocust } from "./locust.ts";
import { readWrk } from "./wrk.ts";

// What the programs printed: wrk 4.1.0 with scripts/bench/wrk/post.lua, k6 2.2.0, Locust 2.47.0.
const WRK = `Running 1s test @ http://127.0.0.1:35693/
  2 threads and 20 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   534.20us    1.46ms  24.26ms   96.48%
    Req/Sec    26.72k     2.29k   30.63k    60.00%
  53355 requests in 1.01s, 6.72MB read
Requests/sec:  52936.75
Transfer/sec:      6.66MB
{"requests":53355,"durationUs":1007901,"connect":0,"read":0,"write":0,"timeout":0,"status":0}
`;
const K6 = `{"state": {"isStdOutTTY": false, "isStdErrTTY": false, "testRunDurationMs": 3089.388535}, "metrics": {"http_reqs": {"type": "counter", "contains": "default", "values": {"count": 18648, "rate": 6036.145919729712}}, "http_req_failed": {"type": "rate", "contains": "default", "values": {"rate": 0, "passes": 0, "fails": 18648}}, "vus": {"values": {"value": 20, "min": 20, "max": 20}, "type": "gauge", "contains": "default"}}}`;
const LOCUST = `[{"name": "/", "method": "POST", "last_request_timestamp": 1795648540.668973, "start_time": 1795648540.0667987, "num_requests": 3134, "num_none_requests": 0, "num_failures": 0, "total_response_time": 7317.405797984975, "max_response_time": 41.43992199897184, "min_response_time": 0.3845879982691258, "total_content_length": 191174, "response_times": {"6": 5, "8": 5, "28": 1}, "num_reqs_per_sec": {"1795648540": 3134}, "num_fail_per_sec": {}}]`;

// Would catch: figures read from wrk's rounded text, and its kinds of errors not all counted.
test("wrk's own line of JSON is read, and every kind of its errors counts", () => {
  assert.deepEqual(readWrk(WRK), { requests: 53355, errors: 0, seconds: 1.007901 });
  const failing = WRK.replace(/"connect":0.*\}/, '"connect":1,"read":20,"write":300,"timeout":4000,"status":50000}');
  assert.equal(readWrk(failing).errors, 54321);
  assert.throws(() => readWrk("unable to connect to 127.0.0.1:9 Connection refused\n"));
});

// Would catch: http_req_failed read the wrong way round, where "passes" are the requests that failed.
test("k6's summary is read, and a failed request is an error", () => {
  assert.deepEqual(readK6(K6), { requests: 18648, errors: 0, seconds: 3.089388535 });
  const failing = K6.replace('"rate": 0, "passes": 0, "fails": 18648', '"rate": 0.5, "passes": 7, "fails": 18641');
  assert.equal(readK6(failing).errors, 7);
});

// Would catch: Locust's run time, which includes its start, taken for the time in which it sent.
test("Locust's statistics are read; a test that sent nothing has none", () => {
  const { requests, errors, seconds } = readLocust(LOCUST);
  assert.deepEqual({ requests, errors }, { requests: 3134, errors: 0 });
  assert.ok(Math.abs(seconds - 0.602) < 0.001);
  assert.equal(readLocust(LOCUST.replace('"num_failures": 0', '"num_failures": 9')).errors, 9);
  assert.deepEqual(readLocust("[]"), { requests: 0, errors: 0, seconds: 0 });
  assert.throws(() => readLocust("[{}]"));
});
