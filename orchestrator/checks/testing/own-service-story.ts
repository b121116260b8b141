/** For tests only: literal histories of an application of the user's, whose answers tell their version alone, to kinds of clients with names of their own. */
import { bucketOf } from "../../history/histogram.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import { CHECK_IDS, type Plan } from "../../plan/plan.ts";
import type { Service } from "../../plan/service.ts";
import { START_MS, type Story } from "../story-writer.ts";
import { MIX, mixedPlan } from "../testing.ts";

const [STEADY] = MIX;

/** Names of the user's, one of which every object has something by. */
export const OWN_KINDS = ["predict", "constructor", "chat"] as const;

const RATES = { predict: 75, constructor: 15, chat: 10 };

/** Versions are told, RayClusters are not. */
export const SERVICE: Service = {
  upgrade: { patch: [{ op: "replace", path: "/spec/serveConfigV2", value: "applications: []" }] },
  tells: { version: { header: "X-Model-Version" } },
  requests: OWN_KINDS.map((name) => ({
    ...{ name, method: "POST", path: `/${name}`, headers: {}, body: "{}", expect: { status: 200 } },
    ...{ freshConnection: false, session: false },
    ...(name === "chat" ? { stream: "openai-chat" } : {}),
  })),
};

/** A plan of it at 100 requests/s. version-isolation is not required, which has nothing to judge. */
export function ownPlan(changes: Partial<Plan> = {}): Plan {
  if (STEADY === undefined) throw new Error("There must be a kind to make others of.");
  const mix = OWN_KINDS.map((client) => ({ ...STEADY, client, rate: RATES[client] }));
  const requiredChecks = CHECK_IDS.filter((id) => id !== "latency-budget" && id !== "version-isolation");
  return mixedPlan({ service: SERVICE, requiredChecks, ...changes }, mix);
}

/** A line without what answers do not tell. */
export function withoutCluster(line: LedgerLine): LedgerLine {
  if (!("version" in line)) return line;
  return line.type === "session" ? { ...line, cluster: "", fromCluster: "" } : { ...line, cluster: "" };
}

/** The ledger without what answers do not tell. */
export function withoutClusters(story: Story): Story {
  return { ...story, ledger: story.ledger.map(withoutCluster) };
}

/** The ledger with first tokens of the answers to chat: after so many ms before the change at second 10, and from then on. */
export function withFirstTokens(story: Story, beforeMs: number | null, duringMs: number | null): Story {
  const ledger = story.ledger.flatMap((line): LedgerLine[] => {
    const ms = line.type === "answered" && line.binMs < START_MS + 10_000 ? beforeMs : duringMs;
    if (line.type !== "answered" || line.client !== "chat" || ms === null) return [line];
    return [line, { ...line, type: "first-token", latency: { [bucketOf(ms)]: line.count } }];
  });
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}
