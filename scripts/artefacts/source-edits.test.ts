import assert from "node:assert/strict";
import { test } from "node:test";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { assertOneSentence } from "../../orchestrator/plan/testing/one-sentence.ts";
import { mutantSource, readMutants } from "./kuberay-mutants.ts";
import { editedSource, parseMutant } from "./source-edits.ts";

const FILE = "a/b.go";
const SOURCE = "one\ntwo\nthree\ntwo\nfour\n";
const mutant = (name: string, ...edits: (readonly [replaces: string, by: string])[]) => ({
  name,
  description: "",
  edits: edits.map(([replaces, by]) => ({ file: FILE, replaces, by })),
});

test("edits of several mutants are made in one text, wherever each stands (defect: the second is made in what the first has written)", () => {
  const [late, early] = [mutant("late", ["four", "one"], ["three", "3"]), mutant("early", ["one\n", "one\n1\n"])];
  assert.equal(editedSource(SOURCE, FILE, [late, early]), "one\n1\ntwo\n3\ntwo\none\n");
  assert.equal(editedSource(SOURCE, "a/c.go", [late, early]), SOURCE);
});

test("an edit that no longer fits is named, with its file (defect: a mutant that is none, which every proof then calls a blind judge)", () => {
  const refused = [
    ["found nowhere", mutant("m", ["one", "1"], ["five", "5"])],
    ["found 2 times", mutant("m", ["one", "1"], ["two", "2"])],
    ["Edit 1 of mutant m replaces too", mutant("m", ["one\ntwo", "1"], ["two\nthree", "2"])],
  ] as const;
  for (const [says, one] of refused) {
    assert.throws(
      () => editedSource(SOURCE, FILE, [one]),
      (error) => {
        assert.ok(error instanceof SetUpError);
        assertOneSentence(error.message);
        assert.match(error.message, /^Edit 2 of mutant m /);
        return error.message.includes(FILE) && error.message.includes(says);
      },
    );
  }
});

test("a record that is no mutant is refused by its name and the place", () => {
  assert.throws(
    () => parseMutant("description: d\nedits: [{ file: f, replaces: '', by: x }]", "m"),
    (error) => {
      assert.ok(error instanceof SetUpError);
      assertOneSentence(error.message);
      return error.message.startsWith("Mutant m ") && error.message.includes("edits.0.replaces");
    },
  );
});

test("each mutant is active under its own name alone (defect: one that is never active, or that is active with another)", async () => {
  const mutants = await readMutants();
  for (const { name, edits } of mutants) {
    const asked = edits.flatMap(({ by }) => [...by.matchAll(/mutant\("([^"]+)"\)/g)].map(([, asks]) => asks));
    assert.deepEqual([...new Set(asked)], [name]);
  }
  const names = mutants.map(({ name }) => name);
  for (const name of names) assert.ok(mutantSource(names).includes(`"${name}"`));
});
