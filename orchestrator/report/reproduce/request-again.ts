import { CLIENT_KINDS, clientMix, type ClientKind } from "../../plan/clients.ts";
import { DEFAULT_RATE } from "../../plan/config-defaults.ts";
import { UsageError } from "../../plan/errors.ts";
import type { Request } from "../../plan/make-plan.ts";
import type { Rate } from "../../plan/options.ts";
import { plannedClients, type Plan } from "../../plan/plan.ts";
import { parseStrategy, type Strategy } from "../../plan/strategy.ts";

/** Beyond this rate (requests/s) a mix of slow kinds alone is the same whatever the rate: each has reached its bound. */
const SLOW_KINDS_BOUND = 100;

/** What a scenario's file can be called; a plan's text may be anybody's. */
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export type RequestAgain = Required<Pick<Request, "strategy" | "scenario" | "rate" | "clients" | "parallelism">> &
  Required<Pick<Request, "serveIngress" | "profile">>;

/** What flags can say of a plan. Kinds of clients that there are no more are left out, and those of the user's own service, which names them. */
export function requestAgain(plan: Plan): RequestAgain {
  const clients = CLIENT_KINDS.filter((kind) => plan.clients.includes(kind));
  return {
    strategy: strategyOf(plan.strategy),
    scenario: NAME.test(plan.scenario) ? plan.scenario : "upgrade",
    rate: plan.service === undefined ? rateOf(plan, clients) : (plan.load.rate ?? "max"),
    clients: clients.length === 0 ? CLIENT_KINDS : clients,
    parallelism: plan.load.parallelism ?? 1,
    serveIngress: plan.serveIngress,
    profile: plan.profile,
  };
}

/** By its name where that still stands for the same numbers. */
function strategyOf(strategy: Strategy): Strategy {
  const { name, stepSizePercent, intervalSeconds, maxSurgePercent } = strategy;
  const numbers = `${stepSizePercent}/${intervalSeconds}/${maxSurgePercent}`;
  const spelt = parseStrategy(numbers, "strategy");
  try {
    const named = parseStrategy(name, "strategy");
    const same = [named.stepSizePercent, named.intervalSeconds, named.maxSurgePercent].join("/") === numbers;
    return same ? named : spelt;
  } catch (error) {
    if (error instanceof UsageError) return spelt;
    throw error;
  }
}

/**
 * The rate that a mix was made of. It is the mix's own unless each kind in it has a bound (`large`, `stream`, `long`): then several rates
 * come to the same mix, and the first of them is as good as the one that was asked for.
 */
function rateOf(plan: Plan, kinds: readonly ClientKind[]): Rate {
  const { model, rate, requestTimeoutMs } = plan.load;
  if (model === "closed" || rate === null) return "max";
  const wanted = ratesOf(plannedClients(plan));
  const own = Math.max(1, Math.round(rate));
  const slow = Array.from({ length: SLOW_KINDS_BOUND }, (_, index) => index + 1);
  const candidates = [own, DEFAULT_RATE, ...slow];
  return candidates.find((one) => ratesOf(clientMix({ kinds, rate: one, requestTimeoutMs })) === wanted) ?? own;
}

function ratesOf(mix: readonly { readonly client: string; readonly rate: number | null }[]): string {
  return JSON.stringify(mix.map(({ client, rate }) => [client, rate]));
}
