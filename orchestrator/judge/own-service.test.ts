import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aggressiveUpgrade, NEW, OLD, START_MS, type StoryWriter } from "../checks/testing.ts";
import { OWN_KINDS, ownPlan, SERVICE, withFirstTokens, withoutClusters } from "../checks/testing/own-service-story.ts";
import { judged, notPassing } from "./testing.ts";

const telling = () =>
  ownPlan({ service: { ...SERVICE, tells: { ...SERVICE.tells, cluster: { header: "X-Ray-Cluster" } } } });
const story = (change = (writer: StoryWriter) => writer) => change(aggressiveUpgrade(ownPlan())).finish();
const findingIn = (result: ReturnType<typeof judged>, id: string) => result.checks.find((check) => check.id === id);

describe("the judge, of an application of the user's", () => {
  it("judges answers that tell their version alone as those that tell their RayCluster too (defect: no side ever answers)", () => {
    const alone = judged(withoutClusters(story()));
    assert.deepEqual(notPassing(alone), {});
    assert.equal(alone.verdict, "pass");
    assert.deepEqual(alone.load.perCluster, { [OLD]: 3760, [NEW]: 4040 });
    const both = judged(aggressiveUpgrade(telling()).finish());
    assert.deepEqual(notPassing(both), {});
    assert.deepEqual(alone.load.perCluster, both.load.perCluster);
    assert.deepEqual(alone.change, both.change);
  });

  it("says of what it attributed that it did (defect: a proof by what was assumed)", () => {
    const ids = (result: ReturnType<typeof judged>) =>
      result.checks.flatMap(({ id, figures }) => (figures["attributed"] === true ? [id] : []));
    const alone = judged(withoutClusters(story()));
    assert.deepEqual(ids(alone), [
      "versions-served",
      "version-cutover",
      "share-matches-weight",
      "disruption-windows",
      "clusters-as-expected",
    ]);
    assert.equal(alone.load.attributed, true);
    const both = judged(aggressiveUpgrade(telling()).finish());
    assert.deepEqual([ids(both), both.load.attributed], [[], undefined]);
  });

  it("tells of versions, not of sides, where only these answered for certain", () => {
    const served = (result: ReturnType<typeof judged>) => findingIn(result, "versions-served")?.message.split(":")[0];
    assert.equal(served(judged(withoutClusters(story()))), "Both versions answered");
    assert.equal(served(judged(aggressiveUpgrade(telling()).finish())), "Both sides answered");
  });

  it("has nothing to say of version-isolation but where a version is nobody's", () => {
    const isolation = findingIn(judged(withoutClusters(story())), "version-isolation");
    assert.deepEqual(
      [isolation?.verdict, isolation?.message],
      [
        "not-applicable",
        "Answers do not tell their RayCluster, so that none of them can be seen to give another one's version.",
      ],
    );
    const stray = judged(withoutClusters(story((writer) => writer.answered(START_MS + 50_000, NEW, "v9", 3))));
    const found = findingIn(stray, "version-isolation");
    assert.deepEqual(
      [stray.verdict, found?.verdict, found?.message],
      ["fail", "fail", "3 requests got an answer with v9, for which no RayCluster was created."],
    );
    assert.deepEqual(found?.violations, [
      { atMs: START_MS + 50_000, cause: "stray-version", facts: { version: "v9", count: 3 } },
    ]);
  });

  it("still sees a version that answers before its side has weight, and after it lost it", () => {
    const early = judged(withoutClusters(story((writer) => writer.answered(START_MS + 20_000, NEW, "v2", 1))));
    assert.equal(notPassing(early)["version-cutover"], "fail");
    const late = judged(withoutClusters(story((writer) => writer.answered(START_MS + 60_000, OLD, "v1", 1))));
    assert.equal(notPassing(late)["version-cutover"], "fail");
  });

  it("still sees shares that are not what the weights ask for", () => {
    const off = story((writer) => writer.answered(START_MS + 38_000, NEW, "v2", 100));
    assert.equal(notPassing(judged(withoutClusters(off)))["share-matches-weight"], "fail");
  });

  it("has the user's kinds of clients under their names, in the plan's order (defect: only zerodrop's own kinds are told)", () => {
    const { clients } = judged(story()).load;
    assert.deepEqual(Object.keys(clients), [...OWN_KINDS]);
    assert.deepEqual(
      Object.values(clients).map(({ requests }) => requests),
      [5850, 1170, 780],
    );
    assert.ok(Object.values(clients).every((client) => client.latency.during !== null && !("firstToken" in client)));
  });

  it("tells the time to the first token of the kinds that have one, and counts nothing of it", () => {
    const without = judged(story());
    const result = judged(withFirstTokens(story(), 100, 300));
    assert.equal(result.verdict, "pass");
    const { chat, predict } = result.load.clients;
    assert.deepEqual(
      [chat?.firstToken?.before?.p50, chat?.firstToken?.during?.p99, chat?.firstToken?.after?.max],
      [100.49, 301.91, 301.91],
    );
    assert.equal(predict?.firstToken, undefined);
    const { firstToken: _firstToken, ...rest } = chat ?? {};
    assert.deepEqual({ ...result.load, clients: { ...result.load.clients, chat: rest } }, without.load);
  });
});
