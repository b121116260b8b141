import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { patched, type Json } from "./json-patch.ts";
import type { SpecPatch } from "./steps.ts";

/** Examples of RFC 6902's appendix A, by their numbers, and of RFC 6901's section 5. */
const EXAMPLES: readonly [string, Json, SpecPatch, Json][] = [
  ["A.1 adds a member", { foo: "bar" }, { op: "add", path: "/baz", value: "qux" }, { baz: "qux", foo: "bar" }],
  [
    "A.2 adds an element",
    { foo: ["bar", "baz"] },
    { op: "add", path: "/foo/1", value: "qux" },
    { foo: ["bar", "qux", "baz"] },
  ],
  ["A.3 removes a member", { baz: "qux", foo: "bar" }, { op: "remove", path: "/baz" }, { foo: "bar" }],
  ["A.4 removes an element", { foo: ["bar", "qux", "baz"] }, { op: "remove", path: "/foo/1" }, { foo: ["bar", "baz"] }],
  [
    "A.5 replaces a value",
    { baz: "qux", foo: "bar" },
    { op: "replace", path: "/baz", value: "boo" },
    { baz: "boo", foo: "bar" },
  ],
  [
    "A.10 adds a nested member",
    { foo: "bar" },
    { op: "add", path: "/child", value: { grandchild: {} } },
    { foo: "bar", child: { grandchild: {} } },
  ],
  [
    "A.16 adds an array at the end",
    { foo: ["bar"] },
    { op: "add", path: "/foo/-", value: ["abc", "def"] },
    { foo: ["bar", ["abc", "def"]] },
  ],
  ["adds over a member that is there", { foo: 1 }, { op: "add", path: "/foo", value: null }, { foo: null }],
  ["an escaped slash and tilde", { "a/b": 1, "m~n": 2 }, { op: "remove", path: "/a~1b" }, { "m~n": 2 }],
  ["~01 is ~1", { "~1": 1, "/": 2 }, { op: "replace", path: "/~01", value: 3 }, { "~1": 3, "/": 2 }],
  ["a member without a name", { "": { "": 1 } }, { op: "replace", path: "//", value: 2 }, { "": { "": 2 } }],
  ["replaces an element, and no other", ["a", "b", "c"], { op: "replace", path: "/1", value: "x" }, ["a", "x", "c"]],
  [
    "adds within the first element",
    { pods: [{ name: "a" }, { name: "b" }] },
    { op: "add", path: "/pods/0/cpu", value: 1 },
    { pods: [{ name: "a", cpu: 1 }, { name: "b" }] },
  ],
  [
    "replaces within the second element",
    { pods: [{ name: "a" }, { name: "b" }] },
    { op: "replace", path: "/pods/1/name", value: "c" },
    { pods: [{ name: "a" }, { name: "c" }] },
  ],
  [
    "an index of two digits",
    { foo: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"] },
    { op: "remove", path: "/foo/10" },
    { foo: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "11"] },
  ],
  ["replaces the whole document", { foo: "bar" }, { op: "replace", path: "", value: ["x"] }, ["x"]],
  ["adds the whole document anew", { foo: 1 }, { op: "add", path: "", value: { bar: 2 } }, { bar: 2 }],
];

describe("a JSON Patch", () => {
  for (const [what, document, operation, expected] of EXAMPLES) {
    it(`does as the RFC's example: ${what} (defect: a scenario's variant is another than its record says)`, () => {
      const before = structuredClone(document);
      assert.deepEqual(patched(document, [operation]), expected);
      assert.deepEqual(document, before, "the document given must stay as it is");
    });
  }

  const REFUSED: readonly [string, Json, SpecPatch][] = [
    ["A.12: a parent that is not there", { foo: "bar" }, { op: "add", path: "/baz/bat", value: "qux" }],
    ["to remove what is not there", { foo: "bar" }, { op: "remove", path: "/baz" }],
    ["to replace what is not there", { foo: "bar" }, { op: "replace", path: "/baz", value: 1 }],
    ["an element beyond the end", { foo: ["bar"] }, { op: "add", path: "/foo/2", value: 1 }],
    ["to replace after the end", { foo: ["bar"] }, { op: "replace", path: "/foo/-", value: 1 }],
    ["an index with a leading zero", { foo: ["a", "b"] }, { op: "remove", path: "/foo/01" }],
    ["a member of a text", { foo: "bar" }, { op: "add", path: "/foo/length", value: 1 }],
    ["what every object inherits", {}, { op: "replace", path: "/toString", value: 1 }],
    ["a pointer with a bare tilde", { "a~": 1 }, { op: "remove", path: "/a~" }],
    ["a member of null", { foo: null }, { op: "add", path: "/foo/x", value: 1 }],
    ["a place below a member of null", { foo: null }, { op: "add", path: "/foo/x/y", value: 1 }],
    ["a place below what every object inherits", {}, { op: "add", path: "/__proto__/x", value: 1 }],
    ["a place below a name in an array", { foo: [{ a: 1 }, { a: 2 }] }, { op: "replace", path: "/foo/x/a", value: 3 }],
    ["an index that ends in a letter", { foo: ["a", "b"] }, { op: "remove", path: "/foo/1x" }],
    ["to remove the whole document", { foo: 1 }, { op: "remove", path: "" }],
  ];
  for (const [what, document, operation] of REFUSED) {
    it(`refuses ${what} (defect: a misspelt path changes nothing and the run tests the usual application)`, () => {
      assert.throws(() => patched(document, [operation]), /^Error: (There is nothing to|"\/a~" is no JSON pointer)/);
    });
  }

  it("says in one sentence what is wrong with a path (defect: a patch that fits nowhere, and nobody knows which part of it)", () => {
    const document = { foo: ["bar"], oo: 1 };
    const SENTENCES: readonly [SpecPatch, string][] = [
      [{ op: "add", path: "foo", value: 2 }, '"foo" is no JSON pointer.'],
      [{ op: "replace", path: "/foo/~2", value: 2 }, '"/foo/~2" is no JSON pointer.'],
      [{ op: "replace", path: "/bar", value: 2 }, "There is nothing to replace at /bar."],
      [{ op: "remove", path: "/foo/1" }, "There is nothing to remove at /foo/1."],
      [{ op: "add", path: "/bar/baz", value: 2 }, "There is nothing to add at /bar/baz."],
    ];
    for (const [operation, message] of SENTENCES) {
      assert.throws(() => patched(document, [operation]), { name: "Error", message });
    }
  });

  it("keeps order among operations (defect: a later one does not see what an earlier one made)", () => {
    const operations: SpecPatch[] = [
      { op: "add", path: "/spec", value: {} },
      { op: "add", path: "/spec/list", value: [] },
      { op: "add", path: "/spec/list/-", value: "x" },
    ];
    assert.deepEqual(patched({}, operations), { spec: { list: ["x"] } });
  });

  it("gives a member named __proto__ as one (defect: the result has another prototype instead)", () => {
    const result = patched({}, [{ op: "add", path: "/__proto__", value: { x: 1 } }]);
    assert.equal(JSON.stringify(result), '{"__proto__":{"x":1}}');
  });
});
