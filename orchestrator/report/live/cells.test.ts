import assert from "node:assert/strict";
import { test } from "node:test";
import { bar } from "./bar.ts";
import { cellsOf, cut, joined, lineOf } from "./cells.ts";

test("what some terminals show in two cells counts two", () => {
  assert.equal(cellsOf("old v1 · 50 % …"), 15);
  assert.equal(cellsOf("漢字"), 4);
  assert.equal(cellsOf("🚀"), 2);
  assert.equal(cellsOf("█▌░"), 3);
});

test("a text is cut between characters, and says that it was", () => {
  assert.equal(cut("abcdef", 6), "abcdef");
  assert.equal(cut("abcdef", 4), "abc…");
  assert.equal(cut("漢字漢字", 6), "漢字…");
  assert.equal(cut("🚀🚀", 3), "🚀…");
  assert.equal(cut("abc", 0), "");
});

test("paint is no part of a line's width, and is not cut (defect: a colour without its end)", () => {
  const line = lineOf([{ text: "abc", paint: (text) => `\u001b[1m${text}\u001b[0m` }, { text: "defg" }], 5);
  assert.equal(line, "\u001b[1mabc\u001b[0md…");
});

test("items that do not fit are left out; words of others are cut, if enough of them remains", () => {
  const texts = (items: readonly string[], width: number, mayBeCut = false): string =>
    lineOf(
      joined(
        items.map((text) => ({ text, mayBeCut })),
        width,
        { text: " · " },
      ),
      width,
    );
  assert.equal(texts(["one", "two", "three"], 10), "one · two");
  assert.equal(texts(["one", "something long enough", "z"], 20), "one");
  assert.equal(texts(["one", "something long enough", "z"], 20, true), "one · something lon…");
  assert.equal(texts(["one", "something long enough", "z"], 16, true), "one");
  assert.equal(texts(["something"], 5), "some…");
});

test("a bar is as long as it is, in eighths of a cell", () => {
  const text = (percent: number, cells: number): string => Object.values(bar(percent, cells)).join("|");
  assert.equal(text(50, 4), "██|░░");
  assert.equal(text(25, 2), "▌|░");
  assert.equal(text(0, 3), "|░░░");
  assert.equal(text(100, 3), "███|");
  assert.equal(text(250, 3), "███|");
  assert.equal(text(-5, 3), "|░░░");
});
