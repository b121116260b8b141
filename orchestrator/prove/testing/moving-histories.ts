import { readRayService } from "../../history/rayservice.ts";
import { slower } from "./changes.ts";
import { course, factsOf, REAL } from "./course.ts";
import { changedObject, eachStatus, firstIn, stampOf, type Recorded } from "./recorded.ts";

/** What mutants that move traffic otherwise, or tell otherwise of it, make of an upgrade's recording; by name. */
export const MOVING_HISTORIES: Readonly<Record<string, (recorded: Recorded) => Recorded>> = {
  "skip-step": (recorded) =>
    course(recorded, [
      { s: 0, status: "100,50|50,50" },
      { s: 2.1, status: "50,50|50,50" },
      { s: 4.2, status: "50,25|100,75" },
      { s: 6.3, status: "50,0|100,100" },
    ]),
  "weight-goes-back": (recorded) =>
    course(recorded, [
      ...REAL.slice(0, 3),
      { s: 4.7, status: "50,75|100,25" },
      { s: 6.8, status: "50,50|100,50" },
      { s: 8.9, status: "50,25|100,75" },
      { s: 11, status: "50,0|100,100" },
    ]),
  "interval-cut-short": (recorded) =>
    course(
      slower(recorded),
      REAL.map((state, index) => ({ ...state, s: [0, 4.1, 6.2, 8.2, 12.3][index] ?? 0 })),
    ),
  "stamps-stand-still": (recorded) => {
    const made = readRayService(firstIn(recorded, /^100,100\|50,0$/).object);
    const stamp = made.ok ? made.view.pending.lastTrafficMigratedTime : null;
    return eachStatus(course(recorded, REAL), (line, state) =>
      /,[1-9]\d*$/.test(state)
        ? changedObject(
            line,
            ({ status }) => (status.pendingServiceStatus.lastTrafficMigratedTime = stampOf(stamp ?? 0)),
          )
        : line,
    );
  },
  "stamps-lie": (recorded) =>
    course(
      slower(recorded),
      REAL.map((state, index) => ({ ...state, stamp: [0, 8, 8, 16, 24][index] ?? 0 })),
    ),
  "traffic-before-capacity": (recorded) =>
    course(recorded, [...REAL.slice(0, 2), { s: 4.2, status: "50,25|50,75" }, { s: 6.3, status: "50,0|100,100" }]),
  "traffic-before-ready": (recorded) => {
    const { moved } = factsOf(recorded);
    const raised = firstIn(recorded, /^100,100\|50,0$/);
    const earlier = (raised.monoMs - moved.monoMs) / 1000;
    const [, ...later] = REAL;
    const early = course(recorded, [
      { s: earlier + 0.06, status: "100,75|50,25" },
      { s: 0, status: "100,75|50,25", stamp: earlier },
      ...later,
    ]);
    return eachStatus(early, (line, state) => (state === "100,100|50,0" ? null : line));
  },
  "weights-do-not-sum": (recorded) =>
    course(
      recorded,
      REAL.map(({ s, status }) => ({
        s,
        status: status.replace(/,75\|/, ",65|").replace(/,50\|/, ",40|").replace(/,25\|/, ",15|"),
      })),
    ),
  "route-differs-from-status": (recorded) =>
    course(
      recorded,
      REAL.map((state, index) => ({
        ...state,
        route: (
          [
            [65, 35],
            [40, 60],
            [40, 60],
            [15, 85],
            [0, 100],
          ] as const
        )[index] ?? [0, 100],
      })),
    ),
};
