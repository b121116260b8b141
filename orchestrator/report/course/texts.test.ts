import assert from "node:assert/strict";
import { test } from "node:test";
import { Texts } from "./texts.ts";

const TOO_MANY = "(more kinds of messages than a report can hold; see ledger.ndjson)";

test("a text is kept once (defect: a message for each failure)", () => {
  const texts = new Texts();
  assert.deepEqual(
    ["a", "b", "a"].map((text) => texts.indexOf(text)),
    [0, 1, 0],
  );
  assert.deepEqual(texts.all(), ["a", "b"]);
});

test("beyond 200 KB, texts that differ in numbers only are one, cut to 200 characters (defect: a report of error messages)", () => {
  const texts = new Texts();
  const long = "x".repeat(999);
  for (let index = 0; index < 2000; index += 1) texts.indexOf(`${String(index).padStart(4, "0")}${long}`);
  const all = texts.all();
  assert.equal(all.at(-1), `#${long.slice(0, 199)}`);
  assert.ok(JSON.stringify(all).length <= 200_000 + 210);
  // What is known needs no room.
  assert.equal(texts.indexOf(`0000${long}`), 0);
  assert.equal(texts.indexOf(`9999${long}`), all.length - 1);
});

test("beyond 400 KB, all further texts are one (defect: messages without digits that fill the report)", () => {
  const texts = new Texts();
  const word = (index: number): string =>
    String(index).replaceAll(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)));
  for (let index = 0; index < 50_000; index += 1) texts.indexOf(`${word(index)} ${"ü\u0001".repeat(40)}`);
  assert.equal(texts.all().at(-1), TOO_MANY);
  assert.ok(Buffer.byteLength(JSON.stringify(texts.all())) <= 400_000 + 100);
});
