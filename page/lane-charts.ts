import type { Course, Flag } from "../orchestrator/report/course/course.ts";
import { MOST_ROWS, type LaneChart, type Mark, type TableRows } from "./chart-spec.ts";
import { secondsOf } from "./steps.ts";
import type { Range } from "./time-axis.ts";
import { latency, momentText } from "./words.ts";

const SOURCES: readonly { readonly source: Flag["source"]; readonly lane: string }[] = [
  { source: "runner", lane: "runner" },
  { source: "condition", lane: "conditions" },
  { source: "cluster", lane: "RayClusters" },
  { source: "pod", lane: "pods" },
  { source: "event", lane: "events" },
  { source: "watch", lane: "watches" },
];

export function flagsChart(course: Course): LaneChart {
  const present = SOURCES.filter(({ source }) => course.flags.some((flag) => flag.source === source));
  const marks = course.flags.map((flag): Mark => {
    const at = secondsOf(flag.atMs, course.zeroMs);
    const warning = flag.severity === "warning";
    return {
      lane: present.findIndex(({ source }) => source === flag.source),
      from: at,
      to: flag.untilMs === undefined ? at : secondsOf(flag.untilMs, course.zeroMs),
      colour: warning ? "warning" : flag.source === "runner" ? "text" : "flag",
      shape: warning ? "triangle" : "dot",
      title: flag.title,
      detail: flag.detail === "" ? [] : [flag.detail],
    };
  });
  return {
    kind: "lanes",
    id: "flags",
    lanes: present.map(({ lane }) => lane),
    marks,
    keys: [
      { label: "event", colour: "flag", shape: "dot" },
      { label: "warning", colour: "warning", shape: "triangle" },
    ],
    empty: "Nothing happened.",
    table: (range) =>
      markTable(marks, range, ["since zero", "what", "detail"], ({ title, detail }) => [title, detail.join(" ")]),
  };
}

/** Failures of one kind of client, or of all for "". */
export function failuresChart({ failures: { rows, texts }, zeroMs }: Course, kind: string): LaneChart {
  const text = (index: number | undefined): string => (index === undefined ? "" : (texts[index] ?? ""));
  const lanes = [...new Set(rows.client.map((client) => text(client)))]
    .filter((lane) => kind === "" || lane === kind)
    .sort();
  const marks = rows.startMs.flatMap((startMs, index): Mark[] => {
    const client = text(rows.client[index]);
    if (kind !== "" && client !== kind) return [];
    const hung = rows.outcome[index] === "hanging";
    const fresh = rows.connection[index] === "new";
    const from = secondsOf(startMs, zeroMs);
    const durationMs = rows.durationMs[index] ?? 0;
    const status = rows.status[index] ?? 0;
    const times = rows.count[index] ?? 1;
    return [
      {
        lane: lanes.indexOf(client),
        from,
        to: from + durationMs / 1000,
        colour: hung ? "hung" : "failed",
        shape: hung ? (fresh ? "ring" : "dot") : fresh ? "ring-cross" : "cross",
        title: `${hung ? "hung" : "failed"}${status === 0 ? ", no answer" : `, status ${String(status)}`}${times === 1 ? "" : `, ${String(times)} of them`}`,
        detail: [
          text(rows.message[index]),
          `${client}, ${CONNECTIONS[rows.connection[index] ?? "unknown"]}`,
          `ended after ${latency(durationMs)}`,
          ...answeredBy(text(rows.cluster[index]), text(rows.version[index])),
        ],
      },
    ];
  });
  return {
    kind: "lanes",
    id: "failures",
    lanes,
    marks,
    keys: [
      { label: "failed", colour: "failed", shape: "cross" },
      { label: "failed, on a new connection", colour: "failed", shape: "ring-cross" },
      { label: "hung", colour: "hung", shape: "dot" },
      { label: "hung, on a new connection", colour: "hung", shape: "ring" },
    ],
    empty: kind === "" ? "No request failed, and none hung." : `No request of ${kind} failed, and none hung.`,
    table: (range) =>
      markTable(
        marks,
        range,
        ["start", "what", "message", "client, connection", "end", "answered by"],
        ({ title, detail }) => [title, ...detail, ...(detail.length < 4 ? ["–"] : [])],
      ),
  };
}

const CONNECTIONS = { new: "new connection", reused: "kept connection", unknown: "connection not known" } as const;

function answeredBy(cluster: string, version: string): string[] {
  return cluster === "" ? [] : [`answered by ${cluster}${version === "" ? "" : `, ${version}`}`];
}

function markTable(
  marks: readonly Mark[],
  { from, to }: Range,
  columns: readonly string[],
  cells: (mark: Mark) => readonly string[],
): TableRows {
  const inView = marks.filter((mark) => mark.from >= from && mark.from <= to);
  const lasting = marks.filter((mark) => mark.from < from && mark.to >= from).length;
  return {
    columns,
    rows: inView.slice(0, MOST_ROWS).map((mark) => [momentText(mark.from), ...cells(mark)]),
    all: inView.length,
    leadTo: inView.slice(0, MOST_ROWS),
    ...(lasting === 0 ? {} : { note: `${String(lasting)} more began earlier and lasted until here.` }),
  };
}
