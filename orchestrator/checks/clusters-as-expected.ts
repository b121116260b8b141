import { attributedNote } from "../history/attributed.ts";
import { instantOf, type Instant } from "../history/instant.ts";
import type { Observation } from "../history/observation.ts";
import { readRayService } from "../history/rayservice.ts";
import { writtenBefore } from "../history/resource-version.ts";
import { counted, listed, seconds } from "../history/words.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
import { staysInPlace } from "../plan/way.ts";
import type { Check, Figures, Finding, Violation } from "./check.ts";
import { observeLife, thirdOf, type Life } from "./cluster-lives.ts";
import { fail, invalid, missing, pass } from "./finding.ts";

const id = "clusters-as-expected";

/** Two watches may tell of the promotion and of the deletion this far apart (ms): 1.3 s was seen on a busy machine. */
const SKEW_MS = 2000;

/** The operator looks about every 2 s for RayClusters to delete; one that is there this long (ms) after its time was forgotten. */
const DELETION_MS = 20_000;

/** How a change's RayClusters and its end are called, by which side it ends. */
const WORDS = {
  old: {
    ending: "old",
    staying: "new",
    deletedAfter: "deletedAfterPromotionSeconds",
    end: "the promotion",
    ofEnd: "its successor's promotion",
  },
  new: {
    ending: "new",
    staying: "old",
    deletedAfter: "deletedAfterRollbackSeconds",
    end: "the rollback",
    ofEnd: "the end of the rollback",
  },
} as const;

interface State {
  readonly rayService: string;
  readonly lives: Map<string, Life>;
  /** When the status first named each RayCluster. */
  readonly named: Map<string, Instant>;
  deletionDelaySeconds: number | null;
  /** Answers by RayCluster, and when it first answered (Unix ms). */
  readonly answered: Map<string, { count: number; firstMs: number }>;
}

/**
 * The RayClusters that ever existed are the one that served before T0 and one new one; nobody else answered; the new one was never
 * deleted, and the old one was, not before the promotion plus the deletion delay of the spec. Each stays what it was until it is deleted (the same object,
 * its own spec, and the hash of the spec it was made from). In a rollback the old one is never deleted, the new one is, not before none is pending any
 * more plus that delay, and the status names no other one after T0. Where the goal was changed to a third one under way, the RayCluster that was given up is
 * one more, which is deleted too, not before another one took its place plus that delay. In place there is only the one that was there.
 *
 * Source: cleanUpRayClusterInstance of KubeRay 1.6.2 deletes every RayCluster that the status does not name, once
 * rayClusterDeletionDelaySeconds (60 when left out) have passed since it found it so.
 */
export const clustersAsExpected: Check<State> = {
  id,
  evidence: {
    watches: ["RayCluster", "RayService"],
    timed: { watches: ["RayCluster", "RayService"], causes: ["deleted-early"] },
    ledger: false,
  },
  init: (plan: Plan) => ({
    rayService: plan.application.name,
    lives: new Map(),
    named: new Map(),
    deletionDelaySeconds: null,
    answered: new Map(),
  }),
  onObservation: observe,
  onLedger({ answered }, line) {
    if (line.type !== "answered" || line.cluster === "") return;
    const known = answered.get(line.cluster);
    if (known === undefined) answered.set(line.cluster, { count: line.count, firstMs: line.binMs });
    else known.count += line.count;
  },
  finish({ lives, named, answered, deletionDelaySeconds }, { plan, timeline }) {
    const { leaving, arriving, ending, trigger, converged, lastLine } = timeline;
    const words = WORDS[timeline.rollback === null ? "old" : "new"];
    let deletedAfterSeconds: number | null = null;
    const figures = {
      clusters: [...lives].map(([name, { seen, deleted }]) => ({
        name,
        seenMs: seen.wallMs,
        deletedMs: deleted?.wallMs ?? null,
        answered: answered.get(name)?.count ?? 0,
      })),
      deletionDelaySeconds,
      [words.deletedAfter]: deletedAfterSeconds,
      ...attributedNote(plan),
    };
    if (lives.size === 0) return invalid(id, "No RayCluster was seen.", figures);
    if (staysInPlace(timeline.made)) return onlyOne({ lives, named, answered }, timeline, figures);
    if (leaving === null || arriving === null || ending === null)
      return invalid(id, "No upgrade was seen to begin.", figures);
    const staying = ending === leaving ? arriving : leaving;
    const deleted = lives.get(ending)?.deleted ?? null;
    if (converged !== null && deleted !== null) {
      deletedAfterSeconds = Math.round(deleted.monoMs - converged.monoMs) / 1000;
      Object.assign(figures, { [words.deletedAfter]: deletedAfterSeconds });
    }
    const delayMs = (deletionDelaySeconds ?? 0) * 1000;
    const violations: Violation[] = [];
    const note = (atMs: number, cause: string, facts: Violation["facts"]) => violations.push({ atMs, cause, facts });
    const third = thirdOf(lives, named, timeline);
    for (const { cluster, seen, existed } of third) {
      note(seen.wallMs, "unexpected-cluster", { cluster, ...(existed ? {} : { existed }) });
    }
    const kept = lives.get(staying);
    if (kept?.deleted != null) note(kept.deleted.wallMs, `${words.staying}-cluster-deleted`, { cluster: staying });
    if (deleted !== null) {
      const sinceMs = converged === null ? null : deleted.monoMs - converged.monoMs;
      const before =
        timeline.convergedVersion === null ? null : writtenBefore(deleted.version, timeline.convergedVersion);
      if (sinceMs === null || before === true || sinceMs < delayMs - SKEW_MS) {
        note(deleted.wallMs, "deleted-early", { cluster: ending, sinceMs, delayMs });
      }
    }
    const passed = passingLives(lives, timeline);
    for (const { cluster, gaveWay, life } of passed) {
      if (life?.deleted == null) continue;
      const sinceMs = gaveWay === null ? null : life.deleted.monoMs - gaveWay.monoMs;
      if (sinceMs === null || sinceMs < delayMs - SKEW_MS) {
        note(life.deleted.wallMs, "deleted-early", { cluster, sinceMs, delayMs, passing: true });
      }
    }
    for (const cluster of [leaving, arriving, ...timeline.passing]) {
      const changed = lives.get(cluster)?.changed;
      if (changed == null || isByRunner(changed, timeline)) continue;
      const cause = cluster === leaving ? "old-cluster-changed" : "new-cluster-changed";
      note(changed.wallMs, cause, { cluster, what: changed.what });
    }
    const [first] = violations.sort((a, b) => a.atMs - b.atMs);
    if (first !== undefined)
      return fail(
        id,
        messageOf(first, words.ofEnd, timeline.passing.length === 0 ? "a third" : "a further"),
        figures,
        violations,
      );
    const missed = strangersIn(answered, lives, figures) ?? neverDeleted(passed, timeline, delayMs, figures);
    if (missed !== null) return missed;
    if (deleted === null) {
      const since = converged ?? trigger;
      const waited = since === null || lastLine === null ? 0 : lastLine.monoMs - since.monoMs;
      const message = `${ending} was not deleted within ${seconds(waited)} after ${converged === null ? "the trigger" : words.end}.`;
      // Its time may not have come yet.
      if (converged === null || waited < delayMs + DELETION_MS) return invalid(id, message, figures);
      return missing(id, message, figures, [
        { atMs: lastLine?.wallMs ?? 0, cause: "never-deleted", facts: { cluster: ending } },
      ]);
    }
    const after = seconds((deletedAfterSeconds ?? 0) * 1000);
    const came = passed.length === 0 ? "" : `${listed(passed.map(({ cluster }) => cluster))} came and went, and `;
    const asItWas = timeline.rollback !== null ? "the old one stayed as it was, and " : "";
    return pass(
      id,
      `${counted(lives.size, "RayCluster")} existed, ${listed([...lives.keys()])}; ${came}${asItWas}the ${words.ending} one was deleted ${after} after ${words.end}.`,
      figures,
    );
  },
};

type Seen = Pick<State, "lives" | "named" | "answered">;

/** Of a change in place, and where none is made, the RayCluster that was there is the only one, is not deleted, and stays what it was. */
function onlyOne({ lives, named, answered }: Seen, timeline: Timeline, figures: Figures): Finding {
  const { leaving } = timeline;
  if (leaving === null) return invalid(id, "No RayCluster was seen to serve before the change.", figures);
  const violations: Violation[] = thirdOf(lives, named, timeline).map(({ cluster, seen, existed }) => ({
    atMs: seen.wallMs,
    cause: "unexpected-cluster",
    facts: { cluster, ...(existed ? {} : { existed }) },
  }));
  const kept = lives.get(leaving);
  if (kept?.deleted != null) {
    violations.push({ atMs: kept.deleted.wallMs, cause: "old-cluster-deleted", facts: { cluster: leaving } });
  }
  if (kept?.changed != null && !isByRunner(kept.changed, timeline)) {
    const facts = { cluster: leaving, what: kept.changed.what };
    violations.push({ atMs: kept.changed.wallMs, cause: "old-cluster-changed", facts });
  }
  const [first] = violations.sort((a, b) => a.atMs - b.atMs);
  if (first !== undefined) return fail(id, messageOf(first, "", "another"), figures, violations);
  return (
    strangersIn(answered, lives, figures) ??
    pass(id, `${leaving} was the only RayCluster, and stayed as it was.`, figures)
  );
}

/** Who answered and never existed on record; null when nobody did. */
function strangersIn(answered: State["answered"], lives: State["lives"], figures: Figures): Finding | null {
  const strangers = [...answered].filter(([name]) => !lives.has(name));
  const [stranger] = strangers;
  if (stranger === undefined) return null;
  const message = `${stranger[0]}, which never existed on record, answered ${counted(stranger[1].count, "request")}.`;
  const facts = strangers.map(([cluster, { count, firstMs }]) => ({ cluster, count, firstMs }));
  return missing(
    id,
    message,
    figures,
    facts.map(({ firstMs, ...rest }) => ({ atMs: firstMs, cause: "answered-by-stranger", facts: rest })),
  );
}

interface Passed {
  readonly cluster: string;
  /** When another one took its place. */
  readonly gaveWay: Instant | null;
  readonly life: Life | undefined;
}

function passingLives(lives: State["lives"], { passing, steps }: Timeline): Passed[] {
  return passing.map((cluster) => {
    const last = steps.findLastIndex(({ pending }) => pending === cluster);
    return { cluster, gaveWay: steps[last + 1] ?? null, life: lives.get(cluster) };
  });
}

/** A RayCluster that was given up on the way and is still there, or whose time may not have come yet; null when there is none. */
function neverDeleted(
  passed: readonly Passed[],
  { lastLine }: Timeline,
  delayMs: number,
  figures: Figures,
): Finding | null {
  const left = passed.find(({ life }) => life?.deleted == null);
  if (left === undefined) return null;
  const { cluster, gaveWay } = left;
  const waited = gaveWay === null || lastLine === null ? 0 : lastLine.monoMs - gaveWay.monoMs;
  const message = `${cluster} was not deleted within ${seconds(waited)} after another one had taken its place.`;
  if (waited < delayMs + DELETION_MS) return invalid(id, message, figures);
  return missing(id, message, figures, [{ atMs: lastLine?.wallMs ?? 0, cause: "never-deleted", facts: { cluster } }]);
}

/**
 * Whether the runner made the operator change a RayCluster: another version of the operator writes the RayCluster that is active anew, which changes the
 * spec and the hash of it, and `suspend` of rayClusterConfig is written into the RayClusters (shouldUpdateCluster of KubeRay 1.6.2).
 */
function isByRunner(
  { what, wallMs }: NonNullable<Life["changed"]>,
  { operatorChangedMs, suspended }: Timeline,
): boolean {
  const suspendedMs = suspended?.of === "RayCluster" ? suspended.askedMs : Infinity;
  return what !== "object" && wallMs >= Math.min(operatorChangedMs ?? Infinity, suspendedMs);
}

/** Only RayClusters of the RayService under test count. */
function observe(state: State, line: Observation): void {
  if (line.type !== "object") return;
  if (line.kind === "RayService" && line.name === state.rayService) {
    const service = readRayService(line.object);
    if (!service.ok) return;
    const { deletionDelaySeconds, active, pending } = service.view;
    state.deletionDelaySeconds = deletionDelaySeconds ?? state.deletionDelaySeconds;
    for (const { rayClusterName } of [active, pending]) {
      if (rayClusterName !== "" && !state.named.has(rayClusterName)) state.named.set(rayClusterName, instantOf(line));
    }
  }
  observeLife(state.lives, state.rayService, line);
}

/** How a message says what is not what it was. */
const CHANGED: Readonly<Record<string, readonly [subject: string, what: string]>> = {
  object: ["The", "is another object by the same name"],
  spec: ["The spec of the", "was changed"],
  hash: ["The hash of the spec that the", "was made from was changed"],
};

function messageOf(
  { cause, facts }: Violation,
  end: string,
  ordinal: "a third" | "another" | "a further" = "a third",
): string {
  const cluster = String(facts["cluster"]);
  switch (cause) {
    case "unexpected-cluster":
      return facts["existed"] === false
        ? `The status named ${ordinal} RayCluster, ${cluster}, which never existed on record.`
        : `${ordinal.charAt(0).toUpperCase()}${ordinal.slice(1)} RayCluster existed, ${cluster}.`;
    case "new-cluster-deleted":
      return `The new RayCluster ${cluster} was deleted.`;
    case "old-cluster-deleted":
      return `The old RayCluster ${cluster} was deleted, which was to stay.`;
    case "old-cluster-changed":
    case "new-cluster-changed": {
      const [subject, what] = CHANGED[String(facts["what"])] ?? ["The", "was changed"];
      const side = cause === "old-cluster-changed" ? "old" : "new";
      return `${subject} ${side} RayCluster ${cluster} ${what}, which was to stay as it was.`;
    }
    default: {
      const { sinceMs } = facts;
      const isPassing = facts["passing"] === true;
      const ofEnd = isPassing ? "another one had taken its place" : end;
      const when =
        typeof sinceMs === "number"
          ? `${seconds(Math.abs(sinceMs))} ${sinceMs < 0 ? "before" : "after"} ${ofEnd}`
          : isPassing
            ? "and no other one took its place"
            : `without ${end}`;
      return `${cluster} was deleted ${when}; the deletion delay is ${seconds(Number(facts["delayMs"]))}.`;
    }
  }
}
