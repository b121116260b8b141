import type { Course } from "../orchestrator/report/course/course.ts";
import { CHARTS, type ChartId } from "../orchestrator/report/html/charts.ts";
import { describeChart } from "../orchestrator/report/html/describe-chart.ts";
import type { PageData } from "../orchestrator/report/html/page-data.ts";
import { Chart } from "./chart.ts";
import type { ChartSpec } from "./chart-spec.ts";
import { capacityChart, podsChart, trafficChart } from "./cluster-charts.ts";
import { readPageData } from "./data.ts";
import { fillTable } from "./data-table.ts";
import { byId } from "./dom.ts";
import { listenToKeys } from "./keyboard.ts";
import { failuresChart, flagsChart } from "./lane-charts.ts";
import { connectionsChart, latencyChart, rateChart, waitingChart } from "./load-charts.ts";
import { wireMoments } from "./moments.ts";
import { shareChart } from "./share-chart.ts";
import { secondsOf } from "./steps.ts";
import { onThemeChange } from "./theme.ts";
import { TimeAxis, type Range } from "./time-axis.ts";
import { wireToolbar } from "./toolbar.ts";

/** What each chart draws, of all clients ("") or of one kind. */
const SPECS: Readonly<Record<ChartId, (data: PageData, kind: string) => ChartSpec>> = {
  flags: ({ course }) => flagsChart(course),
  traffic: ({ course }) => trafficChart(course),
  capacity: ({ course }) => capacityChart(course),
  share: ({ course }) => shareChart(course),
  rate: rateChart,
  latency: latencyChart,
  failures: ({ course }, kind) => failuresChart(course, kind),
  connections: connectionsChart,
  waiting: waitingChart,
  pods: ({ course }) => podsChart(course),
};
/** Charts that know kinds of clients. */
const BY_KIND: readonly ChartId[] = ["rate", "latency", "failures", "connections"];

function start(): void {
  const data = readPageData();
  const { course } = data;
  const axis = new TimeAxis(wholeOf(course));
  const charts = CHARTS.map(({ id, title }) => {
    const chart = new Chart(SPECS[id](data, ""), { course, axis });
    listenToKeys(chart, axis, title);
    return { chart, fill: fillTable(chart, axis) };
  });
  wireToolbar(course, axis, (kind) => {
    for (const { chart, fill } of charts) {
      if (!BY_KIND.includes(chart.spec.id)) continue;
      chart.show(SPECS[chart.spec.id](data, kind));
      byId(`told-${chart.spec.id}`).textContent = describeChart(chart.spec.id, course, kind);
      fill();
    }
  });
  wireMoments(course.zeroMs, axis);
  const rebuild = (): void => {
    for (const { chart } of charts) chart.rebuild();
  };
  onThemeChange(rebuild);
  rebuildOnResize(rebuild);
  // Tests, and people who look at the page by program, wait for this.
  document.documentElement.dataset["drawn"] = "true";
}

/** The run with a little room around it, so that no mark is cut off at the edge; one that ended with its first line has an axis too. */
function wholeOf({ fromMs, untilMs, zeroMs }: Course): Range {
  const [from, to] = [secondsOf(fromMs, zeroMs), secondsOf(untilMs, zeroMs)];
  const room = Math.max(0.5, (to - from) * 0.01);
  return { from: from - room, to: to + room };
}

/** A chart is as wide as its place; height changes of the page are none of its business. */
function rebuildOnResize(rebuild: () => void): void {
  let width = document.documentElement.clientWidth;
  new ResizeObserver(() => {
    const now = document.documentElement.clientWidth;
    if (now === width) return;
    width = now;
    rebuild();
  }).observe(document.documentElement);
}

start();
