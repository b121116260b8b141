import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../plan/plan.ts";
import { aggressiveUpgrade, findingOf, NEW, planOf, steadyLoad, withoutAction } from "./testing.ts";

/** An upgrade whose new application does not deploy, recorded until a second. */
const stuckUntil = (second: number) =>
  steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .object("RayService", "app", {
      status: {
        activeServiceStatus: { rayClusterName: "app-abcde", targetCapacity: 100, trafficRoutedPercent: 100 },
        pendingServiceStatus: {
          rayClusterName: NEW,
          targetCapacity: 50,
          applicationStatuses: {
            app: { status: "DEPLOY_FAILED", message: "ModuleNotFoundError: no module\nand a long trace" },
          },
        },
      },
    })
    .at(second)
    .action("record-end")
    .finish();

test("an upgrade promoted within its deadline passes and says how long each phase took", () => {
  const { verdict, message, figures } = findingOf("converged", aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.equal(message, `${NEW} was promoted 35.9 s after the trigger.`);
  assert.deepEqual(
    [figures["startingSeconds"], figures["shiftingSeconds"], figures["drainingSeconds"]],
    [24, 11.9, 30.1],
  );
});

test("a change that had its whole deadline fails, names its phase and what the application said", () => {
  const { verdict, message } = findingOf("converged", stuckUntil(251));
  assert.equal(verdict, "fail");
  assert.match(message, /had not converged 241\.0 s after its trigger and stood in phase "starting"/);
  assert.match(
    message,
    /state 100,100\|50,0 and application app on app-fghij is DEPLOY_FAILED: ModuleNotFoundError: no module\.$/,
  );
});

test("a record that ends before the deadline proves nothing", () => {
  const { verdict, message } = findingOf("converged", stuckUntil(100));
  assert.equal(verdict, "invalid");
  assert.match(message, /and the record ends before its deadline\.$/);
});

/** A change of which the operator makes nothing, recorded until a second. */
const untouchedUntil = (second: number, changes: Partial<Plan> = {}) =>
  steadyLoad(
    planOf(undefined, { ...changes, deadlines: { upgradeBegins: 30_000, recovered: 90_000, converged: 240_000 } }),
  )
    .at(second)
    .action("record-end")
    .finish();

test("a change that the operator did not begin in its time fails (defect: a change that is swallowed proves nothing)", () => {
  const { verdict, message } = findingOf("converged", untouchedUntil(41));
  assert.equal(verdict, "fail");
  assert.match(message, /had not converged 31\.0 s after its trigger and stood in phase "starting"/);
  assert.equal(findingOf("converged", untouchedUntil(39)).verdict, "invalid");
});

test("an operator that was replaced before has the time it takes to get over that", () => {
  const steps = [{ do: "operator", version: "1.6.2" }, { do: "upgrade" }] as const;
  const until = (second: number) => findingOf("converged", untouchedUntil(second, { steps: [...steps] })).verdict;
  assert.deepEqual([until(41), until(101)], ["invalid", "fail"]);
});

test("a promotion after the deadline fails", () => {
  const plan = planOf(undefined, { deadlines: { converged: 30_000 } });
  assert.match(
    findingOf("converged", aggressiveUpgrade(plan).finish()).message,
    /after 35\.9 s, later than its deadline of 30\.0 s/,
  );
});

test("a promotion without all the traffic fails", () => {
  const story = steadyLoad(planOf()).at(11).status("100,100|0,0").at(30).status("100,75|-", { active: NEW }).finish();
  assert.match(findingOf("converged", story).message, /promoted at 100,75\|- instead of 100,100\|-/);
});

test("without a change there is nothing to converge", () => {
  assert.equal(findingOf("converged", withoutAction(aggressiveUpgrade().finish(), "trigger")).verdict, "invalid");
});
