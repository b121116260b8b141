import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuAccountOf } from "./cadvisor.ts";

const K6 = { namespace: "zerodrop", pod: "load-x-abcde", container: "k6", id: "4f2e" };
/** As a kubelet 1.35 writes them. */
const LABELS = `container="k6",id="/zerodrop/kubepods/burstable/pod1/4f2e",image="docker.io/library/zerodrop-k6:2.2.0",name="2",namespace="zerodrop",pod="load-x-abcde"`;

const REAL = `# HELP container_cpu_cfs_periods_total Number of elapsed enforcement period intervals.
# TYPE container_cpu_cfs_periods_total counter
container_cpu_cfs_periods_total{${LABELS}} 1200 1700000000123
# TYPE container_cpu_cfs_throttled_periods_total counter
container_cpu_cfs_throttled_periods_total{${LABELS}} 34 1700000000123
container_cpu_cfs_throttled_seconds_total{${LABELS}} 1.25 1700000000123
container_cpu_usage_seconds_total{${LABELS.replace("id=", 'cpu="total",id=')}} 56.789 1700000000456
container_cpu_usage_seconds_total{container="ledger",cpu="total",id="/3",image="",name="3",namespace="zerodrop",pod="load-x-abcde"} 1 1700000000456
container_cpu_usage_seconds_total{container="",cpu="total",id="/1",image="",name="",namespace="zerodrop",pod="load-x-abcde"} 99 1700000000456
container_memory_usage_bytes{${LABELS}} 7 1700000000456
`;

test("a container's figures are its own: not its pod's, its neighbour's, or another's with a like name", () => {
  const foreign = REAL.replaceAll("4f2e", "0000").replaceAll("34", "99");
  const others = ["load-x-abcde2", "oad-x-abcde"].map((pod) => foreign.replaceAll("load-x-abcde", pod));
  const elsewhere = foreign.replaceAll(`namespace="zerodrop"`, `namespace="zerodrop2"`);
  assert.deepEqual(cpuAccountOf([...others, REAL, elsewhere].join(""), K6), {
    cpuSeconds: 56.789,
    periods: 1200,
    throttledPeriods: 34,
    throttledSeconds: 1.25,
    atMs: 1_700_000_000_456,
  });
});

test("a container whose names the kubelet does not know is found by its cgroup, not its pod's nor one below its own", () => {
  const line = (id: string, value: number): string =>
    `container_cpu_usage_seconds_total{container="",cpu="total",id="${id}",image="",name="",namespace="",pod=""} ${String(value)} 5\n`;
  const pod = "/zerodrop/kubepods/burstable/pod4f2e4f2e";
  const metrics = line(pod, 9) + line(`${pod}/4f2e`, 7) + line(`${pod}/4f2e/inner`, 8) + line(`${pod}/77aa`, 6);
  assert.equal(cpuAccountOf(metrics.replace(`"${pod}"`, `"${pod}/0000"`), K6)?.cpuSeconds, 7);
  const systemd = line("/kubepods.slice/kubepods-pod1.slice/cri-containerd-4f2e.scope", 3);
  assert.equal(cpuAccountOf(systemd, K6)?.cpuSeconds, 3);
});

test("a container without a CPU limit has no CFS figures, which is not the same as none throttled", () => {
  const withoutLimit = REAL.replaceAll(/^container_cpu_cfs.*\n/gm, "");
  assert.deepEqual(cpuAccountOf(withoutLimit, K6), {
    cpuSeconds: 56.789,
    periods: null,
    throttledPeriods: null,
    throttledSeconds: null,
    atMs: 1_700_000_000_456,
  });
});

test("a container that is not counted yet is told apart from one that used nothing", () => {
  assert.equal(cpuAccountOf(REAL, { ...K6, container: "prepare", id: "77aa" }), undefined);
  assert.equal(cpuAccountOf("", K6), undefined);
  assert.equal(cpuAccountOf(`container_cpu_usage_seconds_total{${LABELS}} 0\n`, K6)?.cpuSeconds, 0);
});

test("labels are read by name: in any order, with spaces, escapes and braces in them, and lines without a timestamp", () => {
  const odd = String.raw`container_cpu_usage_seconds_total{ pod = "load-x-abcde" , image="a\\\"b} 7 {,pod=\"no\"",namespace="zerodrop",container="k6",}   2.5e1`;
  assert.deepEqual(cpuAccountOf(odd, K6), {
    cpuSeconds: 25,
    periods: null,
    throttledPeriods: null,
    throttledSeconds: null,
    atMs: null,
  });
});

test("the line of all CPUs counts, not that of the last one; a value that is no number counts nothing", () => {
  const line = (cpu: string, value: string): string =>
    `container_cpu_usage_seconds_total{cpu="${cpu}",${LABELS}} ${value} 1700000000456\n`;
  assert.equal(cpuAccountOf(line("cpu00", "3") + line("total", "7") + line("cpu01", "4"), K6)?.cpuSeconds, 7);
  assert.equal(cpuAccountOf(line("total", "NaN"), K6), undefined);
});

test("a long word that is no label costs as much as its length (defect: its square, and the runner stands still under load)", () => {
  const before = process.cpuUsage();
  assert.equal(cpuAccountOf(`container_cpu_usage_seconds_total{${"a".repeat(400_000)}} 1\n`, K6), undefined);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 5_000_000, `${String(user + system)} µs of CPU time`);
});
