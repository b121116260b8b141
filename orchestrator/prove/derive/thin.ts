import { BIN_MS } from "../../history/bins.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import { factsOf, routeAt } from "./course.ts";
import { closed, partOf } from "./hurt.ts";
import type { Recorded } from "./recorded.ts";
import { reshared } from "./reshare.ts";

/** So many requests a second, all of the steady kind, which the gateway was not asked about, split as its weights say. At most as many as there are. */
export function thinnedTo(recorded: Recorded, rate: number): Recorded {
  const { plan, summary } = recorded;
  const taken = new Map<number, number>();
  const kept = recorded.ledger.flatMap((line): LedgerLine[] => {
    if (line.type === "session") return [];
    if (line.type === "end") return [{ ...line, clients: only(line.clients) }];
    if (line.type !== "answered") return [line];
    if (line.client !== "steady") return [];
    const bin = Math.floor(line.binMs / BIN_MS);
    // What is due by the end of its bin, at even intervals.
    const due = Math.floor(((bin + 1) * BIN_MS * rate) / 1000) - Math.floor((bin * BIN_MS * rate) / 1000);
    const count = Math.min(line.count, due - (taken.get(bin) ?? 0));
    if (count <= 0) return [];
    taken.set(bin, (taken.get(bin) ?? 0) + count);
    return partOf(line, 0, count);
  });
  const mix = (plan.load.mix ?? []).filter(({ client }) => client === "steady").map((kind) => ({ ...kind, rate }));
  const history = recorded.history
    .filter((line) => line.type !== "poll" || line.poll !== "gateway-stats")
    .map((line) => (line.type === "warm-up-reading" ? { ...line, requests: rate } : line));
  const load = { ...plan.load, rate, mix };
  const thin = closed({ ...recorded, history, ledger: kept, plan: { ...plan, clients: ["steady"], load } });
  const end = thin.ledger.find((line) => line.type === "end");
  const requests = summary?.metrics["http_reqs"];
  if (end === undefined || summary === undefined || requests === undefined)
    throw new Error("The recording must be whole.");
  const metrics = { ...summary.metrics, http_reqs: { ...requests, values: { count: end.httpReqs ?? 0 } } };
  const { sides } = factsOf(recorded);
  const shares = [25, 50, 75, 100].map((weight) => ({
    fromMs: routeAt(recorded, sides.new.cluster, weight).wallMs,
    share: weight / 100,
  }));
  return reshared({ ...thin, summary: { ...summary, metrics } }, sides, shares);
}

function only<T>(clients: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.fromEntries(Object.entries(clients).filter(([client]) => client === "steady"));
}
