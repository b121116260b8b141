import { readRayService } from "../../history/rayservice.ts";
import { withInterval } from "./changes.ts";
import { course, factsOf, REAL, type At } from "./course.ts";
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
  "weight-goes-back": (recorded) => weightGoesBack(recorded, 25),
  "interval-cut-short": (recorded) => intervalCut(recorded, 4),
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
  "stamps-lie": (recorded) => stampsLie(recorded, 5.5),
  "traffic-before-capacity": (recorded) =>
    course(recorded, [...REAL.slice(0, 2), { s: 4.2, status: "50,25|50,75" }, { s: 6.3, status: "50,0|100,100" }]),
  "traffic-before-ready": (recorded) => movedEarly(recorded, readyLate(recorded)),
  "weights-do-not-sum": (recorded) => weightsOff(recorded, 10),
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

/** After half of it the traffic goes back once, by so many percent. */
export function weightGoesBack(recorded: Recorded, percent: number): Recorded {
  return course(recorded, [
    ...REAL.slice(0, 3),
    { s: 4.7, status: `50,${String(50 + percent)}|100,${String(50 - percent)}` },
    { s: 6.8, status: "50,50|100,50" },
    { s: 8.9, status: "50,25|100,75" },
    { s: 11, status: "50,0|100,100" },
  ]);
}

/** Moves of traffic by their stamps so many whole seconds sooner than the interval that was asked for. Stamps have no others. */
export function intervalCut(recorded: Recorded, seconds: number): Recorded {
  return course(withInterval(recorded, GAP_S + seconds), paced(GAP_S));
}

/** Moves so many seconds sooner than the interval that was asked for, each of which is stamped as if it had kept it. */
export function stampsLie(recorded: Recorded, seconds: number): Recorded {
  const interval = GAP_S + Math.floor(seconds);
  const stamps = [0, interval, interval, 2 * interval, 3 * interval];
  return course(
    withInterval(recorded, interval),
    paced(interval - seconds).map((state, index) => ({ ...state, stamp: stamps[index] ?? 0 })),
  );
}

/** Between moves of traffic, s: as long as there is time for in the recordings. What is asked for is more. */
const GAP_S = 4;

/** The real course with so many seconds between moves of traffic: 2.1 at least, which the operator needs for a change of capacity, and GAP_S at most. */
function paced(seconds: number): At[] {
  const at = [0, seconds, seconds + 2.1, 2 * seconds, 3 * seconds];
  return REAL.map((state, index) => ({ ...state, s: at[index] ?? 0 }));
}

/** Seconds from when the new side was first given capacity to when traffic first moved. */
export function readyLate(recorded: Recorded): number {
  return (factsOf(recorded).moved.monoMs - firstIn(recorded, CAPACITY_ALONE).monoMs) / 1000;
}

/** Traffic first moves so many seconds before the new side has its first endpoint, to which the gateway gives nothing until then. */
export function movedEarly(recorded: Recorded, seconds: number): Recorded {
  const { moved } = factsOf(recorded);
  const [, ...later] = REAL;
  const earlyS = 0.06 - seconds;
  const early = course(recorded, [
    { s: earlyS, status: "100,75|50,25" },
    { s: 0, status: "100,75|50,25", stamp: -seconds },
    ...later,
  ]);
  return eachStatus(early, (line, state) =>
    CAPACITY_ALONE.test(state) && line.monoMs > moved.monoMs - seconds * 1000 - 1 ? null : line,
  );
}

/** While both sides have weight the old one has so many percent less than what is left of 100. */
export function weightsOff(recorded: Recorded, percent: number): Recorded {
  const less = (status: string): string =>
    status.replace(/,(75|50|25)\|/, (_, weight: string) => `,${String(Number(weight) - percent)}|`);
  return course(
    recorded,
    REAL.map(({ s, status }) => ({ s, status: less(status) })),
  );
}

/** At the first step the route gives the new side 1 percent more than the status says, for so many seconds. */
export function routeDiffers(recorded: Recorded, seconds: number): Recorded {
  const [first, ...later] = REAL;
  const status = first?.status ?? "";
  // The next step is not taken before the two agree again.
  const waitS = Math.max(0, seconds - 1.9);
  return course(recorded, [
    { s: 0, status, route: [74, 26] },
    { s: seconds, status, stamp: 0 },
    ...later.map((state) => ({ ...state, s: state.s + waitS })),
  ]);
}

/** The new side has capacity, and no traffic. */
const CAPACITY_ALONE = /^100,100\|50,0$/;
