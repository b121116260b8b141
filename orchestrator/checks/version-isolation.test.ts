import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, NEW, OLD, planOf, START_MS, steadyLoad, type Story } from "./testing.ts";

const finding = (story: Story) => findingOf("version-isolation", story);

test("each side answering with its own version passes", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.deepEqual(figures["clusters"], [
    { cluster: OLD, createdFor: "v1", answers: { v1: 3760 } },
    { cluster: NEW, createdFor: "v2", answers: { v2: 4040 } },
  ]);
});

test("one answer with the new version by the old side fails: an operator restarted under way does that", () => {
  const { verdict, message, violations } = finding(
    aggressiveUpgrade()
      .answered(START_MS + 36_500, OLD, "v2", 1)
      .finish(),
  );
  assert.equal(verdict, "fail");
  assert.equal(message, `${OLD} was created for v1 and answered 1 request with v2.`);
  assert.deepEqual(
    violations.map(({ atMs, cause }) => [atMs, cause]),
    [[START_MS + 36_500, "stray-version"]],
  );
});

test("the old version by the new side fails, in a failed request's answer too", () => {
  assert.equal(
    finding(
      aggressiveUpgrade()
        .answered(START_MS + 50_000, NEW, "v1", 1)
        .finish(),
    ).verdict,
    "fail",
  );
  assert.equal(finding(aggressiveUpgrade().at(50).failed({ cluster: NEW, version: "v1" }).finish()).verdict, "fail");
});

test("no stray answer in a ledger that is cut short proves nothing, a stray one still does", () => {
  const whole = aggressiveUpgrade().finish();
  assert.equal(finding({ ...whole, ledger: whole.ledger.slice(0, -1) }).verdict, "invalid");
  const stray = aggressiveUpgrade()
    .answered(START_MS + 36_500, OLD, "v2", 1)
    .finish();
  assert.equal(finding({ ...stray, ledger: stray.ledger.slice(0, -1) }).verdict, "fail");
});

test("without an upgrade, or an answer, no RayCluster has a version of its own", () => {
  assert.equal(finding(steadyLoad(planOf()).finish()).verdict, "invalid");
  const silent = aggressiveUpgrade().finish();
  assert.equal(
    finding({ ...silent, ledger: silent.ledger.filter(({ type }) => type !== "answered") }).verdict,
    "invalid",
  );
});
