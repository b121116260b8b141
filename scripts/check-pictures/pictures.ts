import type { CheckId } from "../../orchestrator/plan/plan.ts";
import { BROKEN } from "./broken.ts";
import type { Picture, Span } from "./lanes.ts";
import { Seen } from "./seen.ts";
import type { View } from "./view.ts";
import { CLIENT_VIEWS } from "./views/clients.ts";
import { OPERATOR_VIEWS } from "./views/operator.ts";
import { OBJECT_VIEWS } from "./views/objects.ts";
import { EVIDENCE_VIEWS } from "./views/evidence.ts";

const VIEWS: Readonly<Record<CheckId, View>> = {
  ...CLIENT_VIEWS,
  ...OPERATOR_VIEWS,
  ...OBJECT_VIEWS,
  ...EVIDENCE_VIEWS,
};

/** Violations no further apart than this are one mark. */
const ONE_MARK_SECONDS = 1.5;

/** The picture of a check: the broken history, what the check looks at in it, and its own words. Throws an Error if the check passes. */
export function pictureOf(id: CheckId): Picture {
  const seen = new Seen(BROKEN[id]());
  const { verdict, message, violations } = seen.finding(id);
  if (verdict !== "fail" && verdict !== "invalid") throw new Error(`${id} must not pass on its broken history.`);
  const view = VIEWS[id];
  const { timeline } = seen;
  const moments = [
    { label: "change", at: timeline.trigger },
    { label: "promoted", at: timeline.converged },
    { label: "old pods gone", at: timeline.drained },
  ];
  const [from, until] = [view.from ?? -4, view.until ?? seen.second(seen.course.untilMs)];
  return {
    verdict,
    message,
    from,
    until,
    moments: moments.flatMap(({ label, at }) => {
      const second = at === null ? Infinity : seen.second(at.wallMs);
      return second >= from && second <= until ? [{ label, second }] : [];
    }),
    lanes: view.lanes(seen),
    broke: view.broke === undefined ? marks(violations.map(({ atMs }) => seen.second(atMs))) : [view.broke],
  };
}

function marks(seconds: readonly number[]): Span[] {
  const marked: [number, number][] = [];
  for (const second of seconds.toSorted((a, b) => a - b)) {
    const last = marked.at(-1);
    if (last !== undefined && second - last[1] <= ONE_MARK_SECONDS) last[1] = second;
    else marked.push([second, second]);
  }
  return marked;
}
