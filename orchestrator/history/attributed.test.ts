import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownPlan, SERVICE } from "../checks/testing/own-service-story.ts";
import { planOf } from "../checks/testing.ts";
import { attributedNote, attribution, type Attributing } from "./attributed.ts";
import type { LedgerLine } from "./ledger.ts";

const UPGRADE: Attributing = {
  ...{ leaving: "old", arriving: "new", passing: [], goals: ["after"], made: "upgrade", turns: [] },
};
const PATCHED = { wallMs: 5, monoMs: 5 };

const told = { client: "predict", connection: "reused" } as const;
const answered = (version: string, cluster = ""): LedgerLine => ({
  ...{ type: "answered", seq: 1, binMs: 100, ...told, cluster, version, count: 2, latency: { "3": 2 } },
});
const failed = (version: string): LedgerLine => ({
  ...{ type: "failed", seq: 2, startMs: 100, durationMs: 5, ...told, outcome: "failed", status: 500, errorCode: 1500 },
  ...{ message: "status 500", cluster: "", version },
});
const failures = (version: string): LedgerLine => ({
  ...{ type: "failures", seq: 3, binMs: 100, durationMs: 5, ...told, outcome: "failed", status: 500, errorCode: 1500 },
  ...{ count: 3, cluster: "", version },
});
const session = (fromVersion: string, version: string): LedgerLine => ({
  ...{ type: "session", seq: 4, startMs: 100, client: "predict", session: 1 },
  ...{ fromCluster: "", fromVersion, cluster: "", version },
});

/** The RayCluster that an answer of a version is given. */
function clusterOf(version: string, sides: Partial<Attributing> = {}, plan = ownPlan()): string {
  const line = attribution(plan, { ...UPGRADE, ...sides })(answered(version));
  return line.type === "answered" ? line.cluster : "none";
}

describe("attribution", () => {
  it("gives every row that tells a version its RayCluster, and leaves all else of it as it was", () => {
    const attribute = attribution(ownPlan(), UPGRADE);
    for (const row of [answered("v1"), failed("v1"), failures("v1"), { ...answered("v1"), type: "first-token" }]) {
      assert.deepEqual(attribute(row as LedgerLine), { ...row, cluster: "old" });
    }
    assert.deepEqual(attribute(answered("v2")), { ...answered("v2"), cluster: "new" });
    assert.deepEqual(attribute(session("v1", "v2")), { ...session("v1", "v2"), fromCluster: "old", cluster: "new" });
  });

  it("gives each end of a session its own (defect: one unknown version takes the other's RayCluster away)", () => {
    const attribute = attribution(ownPlan(), UPGRADE);
    assert.deepEqual(attribute(session("v9", "v2")), { ...session("v9", "v2"), cluster: "new" });
    assert.deepEqual(attribute(session("v2", "v9")), { ...session("v2", "v9"), fromCluster: "new" });
    const line = session("v8", "v9");
    assert.equal(attribute(line), line);
    const began = { ...session("v1", "v2"), fromCluster: "told" };
    assert.deepEqual(attribute(began), { ...began, cluster: "new" });
  });

  it("leaves what it cannot tell: no version, another one, a RayCluster that was never seen (defect: a guess)", () => {
    const attribute = attribution(ownPlan(), { ...UPGRADE, arriving: null });
    const beat = { type: "heartbeat", seq: 1, atMs: 1, settledMs: 1, inFlight: 0, oldestStartMs: null } as const;
    const rows: LedgerLine[] = [
      ...[answered(""), answered("v9"), answered("v2"), failed(""), answered("v1", "told")],
      { ...beat, issued: 0, answered: 0, failed: 0, hanging: 0, dropped: 0 },
    ];
    for (const row of rows) assert.equal(attribute(row), row);
  });

  it("returns the very same line where answers tell their RayCluster, or the application is zerodrop's", () => {
    const told = ownPlan({
      service: { ...SERVICE, tells: { ...SERVICE.tells, cluster: { header: "X-Ray-Cluster" } } },
    });
    for (const plan of [planOf(), told]) {
      const line = answered("v1");
      assert.equal(attribution(plan, UPGRADE)(line), line);
      assert.deepEqual(attributedNote(plan), {});
    }
    assert.deepEqual(attributedNote(ownPlan()), { attributed: true });
  });

  it("goes by what each RayCluster was made for, and gives no version of two to either", () => {
    const application = { ...planOf().application, versionThird: "v3" };
    const third = { passing: ["passing"], goals: ["after", "third"], made: "third" } as const;
    const plan = ownPlan({ application });
    const of = (sides: Partial<Attributing>, used = plan): string[] =>
      ["v1", "v2", "v3"].map((version) => clusterOf(version, sides, used));
    assert.deepEqual(of(third), ["old", "passing", "new"]);
    assert.deepEqual(of({}), ["old", "new", ""]);
    const alike = ownPlan({ application: { ...application, versionAfter: "v1" } });
    assert.deepEqual(of({}, alike), ["", "", ""]);
  });

  it("has the one RayCluster where none is made beside it", () => {
    const [steady, inPlace] = [
      { arriving: null, goals: [], made: "steady" },
      { arriving: null, made: "in-place" },
    ] as const;
    assert.deepEqual([clusterOf("v1", steady), clusterOf("v2", steady)], ["old", ""]);
    assert.deepEqual(
      [clusterOf("v1", inPlace), clusterOf("v2", inPlace), clusterOf("v9", inPlace)],
      ["old", "old", ""],
    );
    assert.equal(clusterOf("v1", { ...inPlace, leaving: null }), "");
    const three = ownPlan({ application: { ...planOf().application, versionThird: "v3" } });
    assert.deepEqual(
      ["v1", "v2", "v3"].map((version) => clusterOf(version, inPlace, three)),
      ["old", "old", "old"],
    );
  });

  it("tells nothing once the goal was changed under way, which may change the pending RayCluster in place", () => {
    const turns = [{ goal: "before", patched: PATCHED, fromStep: 1 }] as const;
    assert.deepEqual([clusterOf("v1", { turns }), clusterOf("v2", { turns })], ["", ""]);
  });
});
