import assert from "node:assert/strict";
import { test } from "node:test";
import { Footer } from "./footer.ts";
import { Screen } from "./testing/screen.ts";

/** A footer on a terminal of this size. */
function footerOn(columns: number, rows: number): { footer: Footer; screen: Screen } {
  const screen = new Screen(columns, rows);
  return { footer: new Footer({ columns, rows, write: (text) => screen.write(text) }), screen };
}

test("a footer is redrawn in place, longer or shorter, and leaves nothing of itself behind", () => {
  const { footer, screen } = footerOn(80, 24);
  screen.write("before\n");
  footer.draw(["one long line", "two", "three"]);
  footer.draw(["one", "two", "three", "four"]);
  assert.deepEqual(screen.text, ["before", "one", "two", "three", "four", ""]);
  footer.draw(["1"]);
  assert.deepEqual(screen.text.slice(0, 3), ["before", "1", ""]);
  assert.deepEqual(screen.cursor, [2, 0]);
  footer.erase();
  assert.deepEqual(screen.text.join("\n").trimEnd(), "before");
  assert.deepEqual(screen.cursor, [1, 0]);
});

test("what a key's echo wrote is gone with the next draw (defect: ^C moves the footer)", () => {
  const { footer, screen } = footerOn(80, 24);
  footer.draw(["one", "two"]);
  screen.write("^C");
  footer.draw(["one", "two"]);
  assert.deepEqual(screen.text, ["one", "two", ""]);
});

test("lines without room on a low terminal are left out (defect: a top line that is drawn again and again)", () => {
  const { footer, screen } = footerOn(40, 4);
  for (let draw = 0; draw < 3; draw += 1) footer.draw(["one", "two", "three", "four", "five"]);
  assert.deepEqual(screen.text, ["one", "two", "three", ""]);
});

test("after the window was made narrower, the rows that old lines were broken into are drawn over too", () => {
  let written = "";
  const stream = { columns: 40, rows: 24, write: (text: string) => (written += text) };
  const footer = new Footer(stream);
  footer.draw(["x".repeat(39), "\u001b[1mshort\u001b[0m"]);
  stream.columns = 20;
  written = "";
  footer.draw(["new"]);
  assert.ok(written.startsWith("\r\u001b[3A"), JSON.stringify(written));
});

test("a terminal that does not know its size is taken for one of 80 columns", () => {
  assert.equal(new Footer({ write: () => undefined, columns: 0 }).columns, 80);
  assert.equal(new Footer({ write: () => undefined }).columns, 80);
});
