import assert from "node:assert/strict";
import { test } from "node:test";
import { pixelsOf, rgb } from "./ink.ts";
import { browserForTests, eventually, openReport } from "./opened.ts";
import { keysOf, tableOf, type Table } from "./reading.ts";
import { keptReport } from "./reports.ts";

const browser = await browserForTests();
test("a kind of client shows its own requests alone (defect: a choice that changes nothing, or the wrong charts)", async () => {
  const kept = await keptReport("all-kinds-pass");
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  const { clients, answered } = kept.result.load;
  const kinds = Object.keys(clients);
  const offered = await page.locator("#kind option").allTextContents();
  assert.deepEqual(offered.toSorted(), ["all kinds", ...kinds].sort());
  const sum = ({ columns, rows }: Table, labels: (label: string) => boolean): number =>
    columns.reduce((total, label, place) => {
      if (!labels(label)) return total;
      return rows.reduce(
        (all, row) => all + (row[place] === "–" ? 0 : Number((row[place] ?? "").replaceAll(",", ""))),
        total,
      );
    }, 0);
  const byVersion = (label: string): boolean => label.startsWith("by ");
  assert.equal(sum(await tableOf(page, "rate"), byVersion), answered, "answers of all kinds, bin by bin of one second");
  for (const kind of ["fresh", "session", "long"]) {
    await page.locator("#kind").selectOption(kind);
    const own = clients[kind] ?? assert.fail();
    assert.equal(sum(await tableOf(page, "rate"), byVersion), own.answered, kind);
    const connections = await tableOf(page, "connections");
    assert.equal(
      sum(connections, (label) => label === "on a new one"),
      own.perConnection.new,
      kind,
    );
    assert.equal(
      sum(connections, (label) => label === "on a kept connection"),
      own.perConnection.reused,
      kind,
    );
  }
  // The slowest of the kind whose answers take six seconds by design.
  const { columns, rows } = await tableOf(page, "latency");
  const place = columns.indexOf("p50");
  assert.ok(rows.every((row) => row[place] === "–" || /^[5-9]\.\d+ s$/.test(row[place] ?? "")));
  await page.locator("#kind").selectOption("");
  assert.equal(sum(await tableOf(page, "rate"), byVersion), answered, "all kinds again");
  assert.deepEqual(opened.troubles, []);
});

test("a key hides its line and shows it again (defect: the line beside it)", async () => {
  const { file } = await keptReport("aggressive-passes");
  await using opened = await openReport(browser, file);
  const { page } = opened;
  const colours = (await keysOf(page, "latency")).map(({ label, colour }) => [label, rgb(colour)] as const);
  const drawn = async (): Promise<string[]> => {
    const labels: string[] = [];
    for (const [label, colour] of colours) if ((await pixelsOf(page, "latency", colour)) > 10) labels.push(label);
    return labels;
  };
  const all = await drawn();
  assert.deepEqual(all, ["slowest", "p99", "p95", "p50"]);
  for (const label of all) {
    const key = page.locator("#keys-latency button.key", { hasText: label });
    await key.click();
    await eventually(
      drawn,
      all.filter((each) => each !== label),
      `what is drawn without ${label}`,
    );
    await key.click();
    await eventually(drawn, all, "all lines again");
  }
  assert.deepEqual(opened.troubles, []);
});
