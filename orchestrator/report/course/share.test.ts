import assert from "node:assert/strict";
import { test } from "node:test";
import { inPlace } from "../../checks/testing/staying-stories.ts";
import { ownPlan, withoutClusters } from "../../checks/testing/own-service-story.ts";
import { third } from "../../checks/testing/turned-stories.ts";
import { aggressiveUpgrade, NEW, OLD, planOf } from "../../checks/testing.ts";
import type { Column } from "./course.ts";
import { courseOf } from "./testing/course-of.ts";

const most = (column: Column | undefined): number => Math.max(...(column ?? []).map((value) => value ?? 0));

test("a RayCluster that was given up has a share of its own (defect: its answers drawn as the old side's)", () => {
  const { share } = courseOf(third().finish());
  assert.deepEqual(
    share.ofOthers.map(({ cluster }) => cluster),
    [OLD, NEW],
  );
  const [old, passing] = share.ofOthers;
  assert.ok(most(passing?.share) > 0.2, "it answered while it had weight");
  for (const [index, n] of share.n.entries()) {
    if (n === null || n === 0) continue;
    const all = (old?.share[index] ?? 0) + (passing?.share[index] ?? 0) + (share.ofNewCluster[index] ?? 0);
    assert.ok(Math.abs(all - 1) < 0.001, `bin ${String(index)}: ${String(all)}`);
    for (const one of [old, passing]) {
      assert.ok(
        (one?.low[index] ?? 1) <= (one?.share[index] ?? 0) && (one?.share[index] ?? 1) <= (one?.high[index] ?? 0),
      );
    }
  }
  assert.equal(most(share.ofNewVersion), 1, "the second and the third version are both new");
});

test("of two sides the old one is the rest, and one that is alone has its own share", () => {
  assert.deepEqual(courseOf(aggressiveUpgrade().finish()).share.ofOthers, []);
  const { share } = courseOf(inPlace().finish());
  assert.deepEqual(
    share.ofOthers.map(({ cluster }) => cluster),
    [OLD],
  );
  assert.equal(most(share.ofOthers[0]?.share), 1);
  assert.equal(most(share.ofNewVersion), 1, "the version after came on the same RayCluster");
});

test("answers that tell their version alone have the same shares as those that tell their RayCluster too", () => {
  const story = aggressiveUpgrade(ownPlan()).finish();
  const { share } = courseOf(withoutClusters(story));
  assert.deepEqual(share, courseOf({ ...story, plan: planOf() }).share);
  assert.equal(most(share.ofNewCluster), 1);
});
