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
  ];
  for (const [what, document, operation] of REFUSED) {
    it(`refuses ${what} (defect: a misspelt path changes nothing and the run tests the usual application)`, () => {
      assert.throws(() => patched(document, [operation]), /^Error: (There is nothing to|"\/a~" is no JSON pointer)/);
    });
  }

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
