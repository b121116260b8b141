import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, nearestIs } from "./nearest.ts";

const flags = ["--rate", "--strategy", "--serve-ingress", "--out", "--json"];

test("a transposed letter finds its flag (defect: suggesting by first letter only)", () => {
  assert.equal(nearest("--stratgey", flags), "--strategy");
  assert.equal(nearest("--jsno", flags), "--json");
});

test("an abbreviation wins over a shorter flag at the same distance (defect: --strat suggests --rate)", () => {
  assert.equal(nearest("--strat", flags), "--strategy");
});

test("case does not count (defect: BLUE-GREEN is ten edits away from blue-green)", () => {
  assert.equal(nearest("CONSERVATIVE", ["aggressive", "blue-green", "conservative"]), "conservative");
});

test("two abbreviations are told apart by distance (defect: subtracting so much that doubles lose the difference)", () => {
  assert.equal(nearest("lo", ["load.requestTimeout", "load"]), "load");
});

test("nothing to choose from gives nothing", () => {
  assert.equal(nearest("x", []), undefined);
});

test("a single letter abbreviates nothing (defect: b taken for blue-green, which holds it, and not for a)", () => {
  assert.equal(nearest("b", ["blue-green", "a"]), "a");
  assert.equal(nearest("bl", ["blue-green", "a"]), "blue-green");
});

test("one edit more is further, for abbreviations too (defect: neighbouring distances are one and the same double)", () => {
  assert.equal(nearest("rat", ["ratio", "rate"]), "rate");
});

test("of two as near the first is named (defect: a guess that changes with what is added last)", () => {
  assert.equal(nearest("rate", ["gate", "date"]), "gate");
});

test("a sentence says that there is none where nothing could be meant (defect: a sentence that ends before the name)", () => {
  assert.equal(nearestIs("stratgey", ["rate", "strategy"]), "nearest is strategy");
  assert.equal(nearestIs("stratgey", []), "there is none");
});
