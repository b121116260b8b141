import { instantOf, type Instant } from "../history/instant.ts";
import type { ObjectSeen } from "../history/observation.ts";
import { readRayCluster, type RayClusterView } from "../history/raycluster.ts";
import type { Timeline } from "../history/timeline.ts";

/** What was seen of a RayCluster. */
export interface Life {
  readonly seen: Instant;
  /** As they were first seen. */
  readonly first: { readonly uid: string; spec: string | null; madeFrom: string | null };
  /** First sign that it is not what it was. */
  changed: (Instant & { readonly what: "object" | "spec" | "hash" }) | null;
  /** First sign of its deletion, and that object's resourceVersion. */
  deleted: (Instant & { readonly version: string }) | null;
}

/** Notes what a line tells of a RayCluster; only those of the RayService under test count. */
export function observeLife(lives: Map<string, Life>, rayService: string, line: ObjectSeen): void {
  if (line.kind !== "RayCluster") return;
  const cluster = readRayCluster(line.object);
  const known = lives.get(line.name);
  if (known === undefined) {
    if (!cluster.ok || cluster.view.rayService !== rayService || line.event === "deleted") return;
    const first = { uid: line.uid, spec: null, madeFrom: null };
    lives.set(line.name, { seen: instantOf(line), first, changed: null, deleted: null });
  }
  const life = lives.get(line.name);
  if (life?.deleted !== null) return;
  const what = changeOf(life, line.uid, cluster.ok ? cluster.view : null);
  if (what !== null) life.changed ??= { ...instantOf(line), what };
  if (line.event === "deleted" || (cluster.ok && cluster.view.beingDeleted)) {
    life.deleted = { ...instantOf(line), version: line.resourceVersion };
  }
}

/** How a RayCluster differs from what it was first seen to be; what was not told before is taken as what it was. */
function changeOf({ first }: Life, uid: string, view: RayClusterView | null): "object" | "spec" | "hash" | null {
  if (uid !== first.uid) return "object";
  if (view === null) return null;
  first.spec ??= view.ownSpec;
  first.madeFrom ??= view.madeFrom;
  if (view.ownSpec !== null && view.ownSpec !== first.spec) return "spec";
  return view.madeFrom !== first.madeFrom ? "hash" : null;
}

/** A RayCluster that is one too many. */
export interface Third {
  readonly cluster: string;
  readonly seen: Instant;
  /** As an object; otherwise only the status named it. */
  readonly existed: boolean;
}

/**
 * RayClusters beside those of the change. Where the status named one last that never existed, it is that one which is too many, and not the one
 * that was made for the change. What else a status named counts where only certain ones may be named, which is not so in an upgrade.
 */
export function thirdOf(
  lives: ReadonlyMap<string, Life>,
  named: ReadonlyMap<string, Instant>,
  { leaving, arriving, passing, trigger, made }: Timeline,
): Third[] {
  const isThird = (name: string): boolean => name !== leaving && name !== arriving && !passing.includes(name);
  const existing = [...lives].filter(([name]) => isThird(name));
  const ghost = arriving === null || lives.has(arriving) ? undefined : named.get(arriving);
  if (arriving !== null && ghost !== undefined && existing.length > 0) {
    return [{ cluster: arriving, seen: ghost, existed: false }];
  }
  const told = [...named].filter(
    ([name, { monoMs }]) =>
      made !== "upgrade" && isThird(name) && !lives.has(name) && monoMs >= (trigger?.monoMs ?? Infinity),
  );
  return [
    ...existing.map(([cluster, { seen }]) => ({ cluster, seen, existed: true })),
    ...told.map(([cluster, seen]) => ({ cluster, seen, existed: false })),
  ];
}
