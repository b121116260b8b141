import type { LedgerLine } from "../history/ledger.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";

type SessionLine = Extract<LedgerLine, { type: "session" }>;
type Versions = Pick<Plan["application"], "versionBefore" | "versionAfter">;

/**
 * Which way a session was sent by a change: to the side or version that stays, back to the one that the change ends, or neither. What stays is the
 * new one, or the old one where the change is taken back; there a session that stays on its side went neither way, whatever version it is given.
 */
export function directionOf(
  { fromCluster, fromVersion, cluster, version }: SessionLine,
  { leaving, arriving, ending }: Pick<Timeline, "leaving" | "arriving" | "ending">,
  { versionBefore, versionAfter }: Versions,
): "forward" | "back" | "other" {
  const to = (side: string | null, own: string): boolean =>
    (cluster === side && fromCluster !== side) || (version === own && fromVersion !== own);
  const [toOld, toNew] = [() => to(leaving, versionBefore), () => to(arriving, versionAfter)];
  const takenBack = ending !== leaving;
  // The change in place gives who stays another version, and sends nobody anywhere.
  if (takenBack && fromCluster === cluster) return "other";
  const [back, forward] = takenBack ? [toNew, toOld] : [toOld, toNew];
  // Who is sent to the new side and given the old version by it has gone back.
  if (back()) return "back";
  return forward() ? "forward" : "other";
}

/** Changes of the sessions' sides, before and after the last weight of the side that the change ends was gone. */
export class SessionChanges {
  forward = 0;
  /** Before the cut-over weights may send a session either way. */
  backBefore = 0;
  backAfter = 0;
  readonly #sessions = new Set<string>();

  /** Counts a change, and says whether it went back by a request that started after the cut-over. */
  add(line: SessionLine, direction: ReturnType<typeof directionOf>, afterCutover: boolean): boolean {
    this.#sessions.add(`${line.client}/${line.session}`);
    if (direction === "forward") this.forward += 1;
    if (direction !== "back") return false;
    if (afterCutover) this.backAfter += 1;
    else this.backBefore += 1;
    return afterCutover;
  }

  figures(): Record<string, number> {
    const { forward, backBefore, backAfter } = this;
    return { changed: this.#sessions.size, forward, backBefore, backAfter };
  }
}
