import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, planOf, steadyLoad } from "./testing.ts";

/** An upgrade that has come to 100,50|50,50. */
const halfWay = () =>
  steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .status("100,50|50,50", { stamp: 34 });

test("a real upgrade moves capacity and traffic one way only, its promotion included", () => {
  const story = aggressiveUpgrade().finish();
  assert.equal(findingOf("capacity-monotone", story).verdict, "pass");
  assert.equal(findingOf("traffic-monotone", story).verdict, "pass");
});

test("traffic that goes back fails traffic-monotone on both sides, and capacity-monotone not", () => {
  const story = halfWay().at(36).status("100,75|50,25", { stamp: 36 }).finish();
  const { verdict, message, violations } = findingOf("traffic-monotone", story);
  assert.equal(verdict, "fail");
  assert.equal(message, "The active side's traffic went up from 50 to 75 %.");
  assert.deepEqual(
    violations.map(({ cause }) => cause),
    ["active-traffic-reversed", "pending-traffic-reversed"],
  );
  assert.equal(findingOf("capacity-monotone", story).verdict, "pass");
});

test("pending capacity that goes down fails capacity-monotone, and traffic-monotone not", () => {
  const story = halfWay().at(36).status("100,50|25,50", { stamp: 34 }).finish();
  assert.equal(findingOf("capacity-monotone", story).verdict, "fail");
  assert.equal(findingOf("traffic-monotone", story).verdict, "pass");
});

test("active capacity that goes up again fails", () => {
  const story = halfWay()
    .at(36)
    .status("50,50|50,50", { stamp: 34 })
    .at(38)
    .status("100,50|50,50", { stamp: 34 })
    .finish();
  assert.equal(findingOf("capacity-monotone", story).verdict, "fail");
});

test("without an upgrade nothing can have moved", () => {
  assert.equal(findingOf("capacity-monotone", steadyLoad(planOf()).finish()).verdict, "invalid");
  assert.equal(findingOf("traffic-monotone", steadyLoad(planOf()).finish()).verdict, "invalid");
});
