import assert from "node:assert/strict";
import { test } from "node:test";
import { killsBy, type Kill } from "./kills.ts";
import { PHASES } from "./phases.ts";

const inPhase = (kills: readonly Kill[], name: string): Kill[] =>
  kills.filter(({ phase }) => phase === name).sort((a, b) => a.seconds - b.seconds);

test("every phase has its share of the kills, and each part of a phase one (defect: fifty kills in the long phases alone)", () => {
  for (const [seed, count] of [
    [1, 50],
    [2, 50],
    [7, 12],
    [7, 100],
    [0, 24],
  ] as const) {
    const kills = killsBy(seed, count);
    assert.equal(kills.length, count);
    for (const { name, seconds } of PHASES) {
      const own = inPhase(kills, name);
      assert.ok(
        Math.abs(own.length - count / PHASES.length) < 1,
        `${name} has ${String(own.length)} of ${String(count)}`,
      );
      for (const [part, kill] of own.entries()) {
        assert.ok(kill.seconds >= (seconds * part) / own.length - 0.001, `${name} ${String(kill.seconds)}`);
        assert.ok(kill.seconds <= (seconds * (part + 1)) / own.length + 0.001, `${name} ${String(kill.seconds)}`);
      }
    }
  }
});

test("what cannot be shared goes to the longest phases", () => {
  const kills = killsBy(1, PHASES.length + 2);
  const two = PHASES.filter(({ name }) => inPhase(kills, name).length === 2).map(({ name }) => name);
  assert.deepEqual(two.sort(), ["new-side", "staging"]);
});

test("a seed draws the same kills in the same order again, and another one others (defect: moments that nobody can repeat)", () => {
  assert.deepEqual(killsBy(5, 50), killsBy(5, 50));
  const [one, other] = [killsBy(5, 50), killsBy(6, 50)];
  const momentsIn = (kills: readonly Kill[]) => kills.map(({ phase, seconds }) => `${phase} ${String(seconds)}`);
  const shared = momentsIn(one).filter((moment) => momentsIn(other).includes(moment));
  assert.ok(shared.length < 3, "seeds that lie close together draw nearly the same");
  assert.notDeepEqual(
    one.map(({ phase }) => phase),
    other.map(({ phase }) => phase),
  );
});

test("processes are killed alone and with their group (defect: one of both is never tried)", () => {
  const groups = killsBy(1, 50).filter(({ group }) => group).length;
  assert.ok(groups > 10 && groups < 40, String(groups));
});

test("no kills are none", () => {
  assert.deepEqual(killsBy(1, 0), []);
});
