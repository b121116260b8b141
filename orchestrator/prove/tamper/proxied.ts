import type { TamperedRun } from "../../cli/tampering.ts";
import { deadlineMs } from "../../plan/deadlines.ts";
import type { SabotageOf } from "../kinds.ts";
import { momentText } from "../moment.ts";
import { startProxy, type Proxy } from "../proxy/proxy.ts";
import type { ProxyReport } from "../proxy/report.ts";
import { Account } from "./account.ts";
import { Moments } from "./moments.ts";
import type { Tamper } from "./tamper.ts";
import { besideLoad, lasting } from "./under-load.ts";

/** Injections that are kept of a proxy's account, which has up to 5,000. */
const MOST_KEPT = 100;
/** Until the proxy's account is given up, ms. */
const REPORT_MS = 20_000;

/** A proxy between load and gateway that goes by rules from a moment on. It is transparent otherwise. */
export function proxied({ rules, when, forSeconds, before = [] }: SabotageOf<"proxy">, image: string): Tamper {
  const kinds = [...new Set(rules.map(({ do: deed }) => deed.kind))].join(", ");
  const lasted = forSeconds === undefined ? "" : ` for ${String(forSeconds)} s`;
  const account = new Account(`A proxy before the gateway did ${kinds} from ${momentText(when)} on${lasted}.`);
  const moments = new Moments();
  const atStart = "at" in when && when.at === "start";
  let proxy: Proxy | undefined;

  // By the run's signal, not the load's: rules that were asked for as the load ended may be in force all the same.
  const inForce = async (list: typeof rules): Promise<void> => {
    if (proxy === undefined) throw new Error("there is no proxy");
    const atMs = await proxy.setRules(list);
    if (list === rules) account.begun(atMs);
    else if (list !== before) account.ended(atMs);
  };
  const way = async (url: string, { kube, plan, clock, signal }: TamperedRun) => {
    const { runId, application } = plan;
    const deadlines = { ready: deadlineMs(plan, "applicationReady"), removed: deadlineMs(plan, "tearDown") };
    const request = { runId, namespace: application.namespace, image, upstream: url };
    await using undo = new AsyncDisposableStack();
    const started = undo.use(await startProxy(kube, request, { deadlines, signal, clock }));
    proxy = started;
    if (atStart) await inForce(rules);
    else if (before.length > 0) await inForce(before);
    const opened = undo.move();
    return { url: started.url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  };
  const underLoad = besideLoad(
    account,
    async (_load, on) => {
      if (!atStart) {
        await moments.reached(when, on);
        await inForce(rules);
      }
      if (forSeconds === undefined) return;
      await lasting(on, forSeconds);
      if (!on.signal.aborted) await inForce([]);
    },
    async () => {
      // Not by the load's signal, which has aborted: what was done is to be told of a load that has ended too.
      if (proxy === undefined || account.begunMs === null) return;
      tell(account, await proxy.report(AbortSignal.timeout(REPORT_MS)), { first: atStart ? 0 : before.length, rules });
    },
  );
  return { account, tampering: { recording: moments.noting, way, underLoad } };
}

/** What the proxy says of the rules that were to hurt. They have the numbers from `first` on. */
function tell(
  account: Account,
  report: ProxyReport,
  { first, rules }: { readonly first: number; readonly rules: SabotageOf<"proxy">["rules"] },
): void {
  const ours = report.rules.filter(({ rule }) => rule >= first && rule < first + rules.length);
  const injections = report.injections.filter(({ rule }) => rule >= first);
  account.count = ours.reduce((sum, { hurt }) => sum + hurt, 0);
  Object.assign(account.details, {
    requests: report.requests,
    rules: ours,
    injections: injections.slice(0, MOST_KEPT),
    troubles: report.troublesTotal,
  });
  // Of rules that end by themselves.
  const forMs = rules.map(({ on }) => on?.forMs ?? Infinity);
  const longest = Math.max(...forMs);
  if (Number.isFinite(longest) && account.begunMs !== null) account.ended(account.begunMs + longest);
  const early = report.injections.find(({ rule }) => rule < first);
  if (early !== undefined) account.failed(new Error(`a rule from before its moment hurt a request (${early.did})`));
}
