import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { z } from "zod";
import { UsageError } from "../../plan/errors.ts";
import { proxyRulesSchema, readProxyRules } from "./rules.ts";

const lists = z
  .object({ good: z.array(z.unknown()).min(1), bad: z.array(z.unknown()).min(1) })
  .parse(JSON.parse(await readFile(new URL("../../../saboteur/testdata/rules.json", import.meta.url), "utf8")));

void test("what is taken here is what the proxy takes, as it stands (defect: a rule that is refused, or does something else, when the run is under way)", () => {
  for (const list of lists.good) assert.deepEqual(readProxyRules(list, "rules"), list);
  for (const list of lists.bad) {
    assert.equal(proxyRulesSchema.safeParse(list).success, false, JSON.stringify(list));
  }
});

void test("whatever is wrong is told in one sentence (defect: a crash, or words of the parser's)", () => {
  for (const list of lists.bad) {
    assert.throws(
      () => readProxyRules(list, "Proof p: rules"),
      (error) => error instanceof UsageError && /^Proof p: rules[^\n]*[^.]\.$/.test(error.message),
      JSON.stringify(list),
    );
  }
});

const one = (rule: object): unknown => [
  { id: "a", do: { kind: "reset" } },
  { id: "b", do: { kind: "hang" }, ...rule },
];
const SENTENCES: readonly [what: string, rules: unknown, sentence: string][] = [
  ["no list", {}, "Rules must be a list of rules; received {}."],
  ["a rule that is none", [1], "Rules: rule 0 must be a group of the keys id, do and on; received 1."],
  ["a misspelt part", one({ onn: {} }), 'Rules: rule 1: "onn" is no key here; nearest is on.'],
  [
    "a misspelt key of a deed",
    one({ do: { kind: "delay", plusMS: 2, factor: 3 } }),
    'Rules: rule 1: do: "plusMS" is no key here; nearest is plusMs.',
  ],
  [
    "a misspelt key of a condition",
    one({ on: { evry: 2 } }),
    'Rules: rule 1: on: "evry" is no key here; nearest is every.',
  ],
  [
    "an unknown deed",
    one({ do: { kind: "explode" } }),
    'Rules: rule 1: do.kind must be one of wrong-body, other-body, status, truncate, reset, refuse, delay, hang, relabel, replay; received "explode".',
  ],
  [
    "a deed in a word",
    one({ do: "reset" }),
    'Rules: rule 1: do must be a group of keys with a kind; received "reset".',
  ],
  [
    "a status without a body",
    one({ do: { kind: "status", status: 204 } }),
    "Rules: rule 1: do.status must be one of an answer with a body; received 204.",
  ],
  [
    "a number as text",
    one({ on: { every: "10" } }),
    'Rules: rule 1: on.every must be a whole number from 1 to 2147483647; received "10".',
  ],
  [
    "a class that is not there",
    one({ on: { share: [4, 4] } }),
    "Rules: rule 1: on.share must be [k, n], whole numbers with 0 <= k < n <= 1024; received [4,4].",
  ],
  [
    "a delay of two kinds",
    one({ do: { kind: "delay", factor: 2, plusMs: 3 } }),
    'Rules: rule 1: do must be a delay with either factor or plusMs; received {"kind":"delay","factor":2,"plusMs":3}.',
  ],
  [
    "an answer that is looked at before there is one",
    one({ do: { kind: "reset", after: "request" }, on: { version: "v1" } }),
    'Rules: rule 1: do.after must be answer, or left out, where on has version, cluster or share; received "request".',
  ],
  [
    "the same id twice",
    [
      { id: "a", do: { kind: "reset" } },
      { id: "a", do: { kind: "hang" } },
    ],
    'Rules: rule 1: id must be unlike that of any rule before it; received "a".',
  ],
];
for (const [what, rules, sentence] of SENTENCES) {
  void test(`${what} is named with its place (defect: a record that nobody can mend by its message)`, () => {
    assert.throws(() => readProxyRules(rules, "Rules"), { name: "UsageError", message: sentence });
  });
}
