import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { SaxesParser } from "saxes";
import { aggressiveUpgrade } from "../../orchestrator/checks/testing.ts";
import { CHECK_IDS } from "../../orchestrator/plan/plan.ts";
import { CHECKOUT } from "../artefacts/cache.ts";
import { drawnPictures, pictureFile } from "./files.ts";
import { pictureOf } from "./pictures.ts";
import { Seen } from "./seen.ts";
import { svgOf } from "./svg.tsx";

const drawn = drawnPictures();

test("the pictures are what the judge says of their histories (npm run check-pictures draws them)", async () => {
  for (const [file, svg] of drawn) {
    assert.ok(
      (await readFile(join(CHECKOUT, file), "utf8")) === svg,
      `${file} is not up to date: npm run check-pictures`,
    );
  }
  assert.deepEqual(
    (await readdir(join(CHECKOUT, "docs/checks"))).map((name) => `docs/checks/${name}`).toSorted(),
    [...drawn.keys()].toSorted(),
  );
});

test("every picture shows where its check broke, within what is in view (defect: a mark beyond the edge, or none)", () => {
  for (const id of CHECK_IDS) {
    const { broke, from, until, lanes } = pictureOf(id);
    assert.ok(broke.length > 0, id);
    for (const [begin] of broke) assert.ok(begin > from && begin < until, id);
    const drawnThings = lanes.flatMap((lane) =>
      lane.kind === "values"
        ? lane.lines.map(({ label, points }) => [label, points.length] as const)
        : lane.rows.map(({ label, spans = [], dots = [] }) => [label, spans.length + dots.length] as const),
    );
    assert.ok(drawnThings.filter(([, count]) => count > 0).length >= 2, id);
  }
});

test("an undisturbed history is one that every check passes (defect: a picture that shows another fault than the one that was put in)", () => {
  const seen = new Seen(aggressiveUpgrade().finish());
  for (const id of CHECK_IDS) {
    assert.match(seen.finding(id).verdict, id === "latency-budget" ? /not-applicable/ : /pass/, id);
  }
});

test("a picture is well-formed, whatever a check says (defect: a < or & of a message)", () => {
  const svg = svgOf("a & b", { ...pictureOf("zero-failures"), message: 'a < b & "c"' });
  for (const text of [svg, ...drawn.values()]) new SaxesParser({ xmlns: true }).write(text).close();
});

test("every check is explained, with its picture and words for those who do not see it (defect: a check that nobody can look up)", async () => {
  const tokens = new MarkdownIt().parse(await readFile(join(CHECKOUT, "docs/checks-explained.md"), "utf8"), {});
  const headings = tokens.flatMap(({ type }, index) => (type === "heading_open" ? [tokens[index + 1]?.content] : []));
  const images = tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === "image");
  for (const id of CHECK_IDS) {
    assert.ok(headings.includes(id), id);
    const image = images.find(({ attrs }) => attrs?.some(([, value]) => `docs/${value}` === pictureFile(id)));
    assert.ok((image?.content ?? "").length > 30, `${id}: alternative text`);
  }
  assert.equal(images.length, CHECK_IDS.length);
});
