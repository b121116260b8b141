import type { ObjectSeen } from "../../history/observation.ts";
import { serveServiceOf } from "../../history/httproute.ts";
import { timelineOf } from "../../history/timeline-fold.ts";
import { changedAtMs } from "./hurt.ts";
import { changedObject, firstIn, isOf, stampOf, withLines, type Recorded } from "./recorded.ts";
import { reshared, type Sides } from "./reshare.ts";

/** A state of the course of an upgrade: when, after traffic first moved (s), and what the operator writes. */
export interface At {
  readonly s: number;
  /** "active capacity,traffic|pending capacity,traffic" of the status; "promoted" with capacity and traffic of the new side alone. */
  readonly status: string;
  /** The route's weights, old and new, where they are not what the status says; null for a side that is not in it. */
  readonly route?: readonly [number | null, number | null];
  /** Of the move of traffic, s after traffic first moved; its own time when left out. */
  readonly stamp?: number;
}

/** The course of the real operator by the strategy aggressive, as fast as it can be. */
export const REAL: readonly At[] = [
  { s: 0, status: "100,75|50,25" },
  { s: 2.1, status: "100,50|50,50" },
  { s: 4.2, status: "50,50|50,50" },
  { s: 4.9, status: "50,25|100,75" },
  { s: 7, status: "50,0|100,100" },
];

/** What a real upgrade's recording says of itself. */
interface Facts {
  readonly sides: Sides;
  /** Traffic first moved, and the new side was promoted. */
  readonly moved: ObjectSeen;
  readonly promoted: ObjectSeen;
  readonly route: ObjectSeen;
}

export function factsOf(recorded: Recorded): Facts {
  const { leaving, arriving, converged } = timelineOf(recorded.plan, recorded.history);
  const moved = firstIn(recorded, /,75\|/);
  const ofStatus = recorded.history.filter((line) => isOf(line, "RayService"));
  const promoted = ofStatus.find(({ monoMs }) => monoMs >= (converged?.monoMs ?? Infinity));
  const route = recorded.history
    .filter((line) => isOf(line, "HTTPRoute"))
    .find(({ monoMs }) => monoMs > moved.monoMs - 1000);
  if (leaving === null || arriving === null || promoted === undefined || route === undefined) {
    throw new Error("The recording must be of a whole upgrade.");
  }
  const { versionBefore, versionAfter } = recorded.plan.application;
  const sides = {
    old: { cluster: leaving, version: versionBefore },
    new: { cluster: arriving, version: versionAfter },
  };
  return { sides, moved, promoted, route };
}

/** A line of an object, told at another time, by when the newest version was the one told of last. */
export function at({ history }: Recorded, line: ObjectSeen, monoMs: number): ObjectSeen {
  const last = history.findLast((one) => one.type === "object" && one.monoMs <= monoMs);
  const resourceVersion = last?.type === "object" ? last.resourceVersion : line.resourceVersion;
  return { ...line, resourceVersion, monoMs, wallMs: Math.round(line.wallMs + monoMs - line.monoMs) };
}

function isDuring(line: ObjectSeen, facts: Facts): boolean {
  return line.monoMs >= facts.moved.monoMs - 600 && line.monoMs < facts.promoted.monoMs;
}

/**
 * A recording of an aggressive upgrade as it would be had the operator taken it by these states from the first move of traffic to the promotion: status, route, and
 * the answers, split as the route says.
 */
export function course(recorded: Recorded, states: readonly At[]): Recorded {
  const facts = factsOf(recorded);
  const { sides, moved, promoted, route } = facts;
  const history = recorded.history.filter(
    (line) => !((isOf(line, "RayService") || isOf(line, "HTTPRoute")) && isDuring(line, facts)),
  );
  const early = states.some(({ s }) => s < 0);
  const shares: { fromMs: number; share: number }[] = [];
  const lines: ObjectSeen[] = [];
  let traffic = "";
  let stamp = "";
  for (const { s, status, route: asked, stamp: stampS = s } of states) {
    const monoMs = moved.monoMs + s * 1000;
    const isPromoted = status.startsWith("promoted");
    const [activeCapacity = 0, active = 0, pendingCapacity = 0, pending = 0] = (status.match(/\d+/g) ?? []).map(Number);
    const base = at(recorded, isPromoted ? promoted : moved, monoMs);
    if (traffic !== `${active},${pending}`) stamp = stampOf(moved.wallMs + stampS * 1000);
    traffic = `${active},${pending}`;
    const [oldWeight, newWeight] = asked ?? (isPromoted ? [null, active] : [active, pending]);
    const weights = [
      [sides.old.cluster, oldWeight],
      [sides.new.cluster, newWeight],
    ] as const;
    lines.push(
      changedObject(at(recorded, route, monoMs - 60), ({ spec }) => {
        const ref = spec?.rules?.[0]?.backendRefs[0];
        if (spec?.rules?.[0] === undefined || ref === undefined) throw new Error("The route must have a backend.");
        spec.rules[0].backendRefs = weights.flatMap(([cluster, weight]) =>
          weight === null ? [] : [{ ...ref, name: serveServiceOf(cluster), weight }],
        );
      }),
      changedObject(base, ({ status: written }) => {
        written.lastUpdateTime = stampOf(base.wallMs);
        written.activeServiceStatus.targetCapacity = activeCapacity;
        written.activeServiceStatus.trafficRoutedPercent = active;
        if (isPromoted) return;
        written.activeServiceStatus.lastTrafficMigratedTime = stamp;
        Object.assign(written.pendingServiceStatus, {
          targetCapacity: pendingCapacity,
          trafficRoutedPercent: pending,
          lastTrafficMigratedTime: stamp,
        });
      }),
    );
    const all = (oldWeight ?? 0) + (newWeight ?? 0);
    // Before the new side really had an endpoint the gateway gave it nothing.
    if (!early || s >= 0) shares.push({ fromMs: base.wallMs - 60, share: (newWeight ?? 0) / all });
  }
  return reshared(withLines({ ...recorded, history }, lines), sides, shares);
}

/** The first line of the route, after the change, by which a RayCluster has that weight. */
export function routeAt(recorded: Recorded, cluster: string, weight: number): ObjectSeen {
  const { plan, history } = recorded;
  const zeroMs = changedAtMs(recorded);
  const change = timelineOf(plan, history).routeChanges.find(
    ({ wallMs, weights }) => wallMs > zeroMs && (weights.get(serveServiceOf(cluster)) ?? 0) === weight,
  );
  const line = history.find((one) => isOf(one, "HTTPRoute") && one.monoMs === change?.monoMs);
  if (line === undefined || !isOf(line, "HTTPRoute"))
    throw new Error(`The route must give ${cluster} ${String(weight)}.`);
  return line;
}
