import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBench } from "./args.ts";
import { ledgerCost, ratiosTo } from "./cost.ts";
import { withSection } from "./document.ts";
import type { GeneratorName } from "./names.ts";
import { markdownReport, plainReport } from "./report.ts";
import { disagreementOf, orderOf } from "./rounds.ts";
import type { Sample } from "./sample.ts";
import { spreadOf } from "./statistics.ts";
import { markdownTable, tableOf } from "./table.ts";

/** 1,000 requests in a second, at so many µs of CPU each. */
function sample(generator: GeneratorName, micros: number, more: Partial<Sample> = {}): Sample {
  const usage = { cpuMs: micros, memoryMb: 50 };
  return { generator, requests: 1000, errors: 0, seconds: 1, usage, disagreements: [], ...more };
}

// Would catch: a median that is one of two values, and one of nothing that is NaN in a table.
test("a spread has the smallest, the middle and the largest value", () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { min: 1, median: 2, max: 3 });
  assert.deepEqual(spreadOf([10, 1, 2, 4]), { min: 1, median: 3, max: 10 });
  assert.throws(() => spreadOf([]), RangeError);
});

// Would catch: a generator that always runs first, or right after the same other one.
test("every second round goes backwards", () => {
  assert.deepEqual(
    [0, 1, 2].map((round) => orderOf(["a", "b"], round).join("")),
    ["ab", "ba", "ab"],
  );
});

/** Runs of k6 without and with the ledger, by their µs of CPU a request. */
const turnsOf = (...pairs: (readonly [bare: number, ledger: number])[]): Sample[] =>
  pairs.flatMap(([bare, ledger]) => [sample("k6", bare), sample("k6-ledger", ledger)]);

// Would catch: a machine that slows down taken for the ledger's cost (the means alone differ by 6.4 %), or one disturbed run for it.
test("the cost is held against the run beside it, with what the rounds leave open", () => {
  const cost = ledgerCost(turnsOf([100, 101], [200, 208], [400, 436]));
  assert.ok(cost !== undefined);
  // The cube root of 1.01 x 1.04 x 1.09; the logarithms' standard error is 0.0222, Student's t 4.303.
  assert.ok(Math.abs(cost.percent - 4.615) < 0.001, String(cost.percent));
  assert.ok(Math.abs(cost.marginPercent - 9.99) < 0.1, String(cost.marginPercent));
  assert.equal(cost.held, true);
  assert.match(
    cost.sentence,
    /costs k6 4\.6 % \(95 % interval −4\.9 % to 15\.1 %\) more CPU .* 3 rounds .* It may cost 5 %: held\.$/,
  );
  assert.equal(ledgerCost(turnsOf([100, 100], [300, 300]))?.marginPercent, 0);
});

// Would catch: a bound that is not compared, and a comparison with nothing that counts as held.
test("more than the bound is not held, and without two rounds there is no cost", () => {
  assert.equal(ledgerCost(turnsOf([100, 106], [100, 105]))?.held, false);
  assert.equal(ledgerCost(turnsOf([100, 106])), undefined);
  assert.equal(ledgerCost([sample("k6-ledger", 106), sample("k6-ledger", 106)]), undefined);
  assert.equal(ratiosTo("k6", "wrk", [sample("k6", 1)]), undefined);
});

// Would catch: a generator that counts answers it never got, or leaves some out.
test("a count agrees when only what was in flight is missing", () => {
  assert.equal(disagreementOf(1000, 1000, 20), undefined);
  assert.equal(disagreementOf(1000, 1020, 20), undefined);
  assert.match(disagreementOf(1000, 1021, 20) ?? "", /1000 requests, the server answered 1021/);
  assert.match(disagreementOf(1000, 999, 20) ?? "", /answered 999/);
});

// Would catch: errors or a difference of one round that the table hides among good rounds; a holder whose CPU is nobody's.
test("the table shows errors and differences of any round, and k6 and holder together", () => {
  const holder = { cpuMs: 5, memoryMb: 10 };
  const samples = [
    sample("k6-ledger", 104, { holder }),
    sample("wrk", 10),
    sample("k6", 100),
    sample("k6-ledger", 102, { holder, errors: 1234, disagreements: ["it lies"] }),
    sample("wrk", 12, { requests: 2_000_000 }),
    sample("k6", 100),
  ];
  const [, wrk, k6, ledger, both] = tableOf(samples, true);
  assert.deepEqual(wrk, [
    "wrk",
    "1,000 / 1,000,500 / 2,000,000",
    "0.0 / 5.0 / 10.0",
    "",
    "50 / 50 / 50",
    "0",
    "agrees 2/2",
  ]);
  assert.equal(k6?.[3], "1.00 / 1.00 / 1.00");
  assert.deepEqual(ledger?.slice(2), [
    "102.0 / 103.0 / 104.0",
    "1.02 / 1.03 / 1.04",
    "50 / 50 / 50",
    "1,234",
    "DIFFERS 1/2",
  ]);
  assert.deepEqual(both, ["– with the ledger's holder", "", "107.0 / 108.0 / 109.0", "", "60 / 60 / 60", "", ""]);
  assert.equal(tableOf([sample("wrk", 10)], false)[1]?.[6], "not counted");
  const lines = markdownTable(tableOf(samples, true)).trimEnd().split("\n");
  assert.deepEqual(new Set(lines.map((line) => line.split("|").length)), new Set([9]));
});

// Would catch: a report for the document that lacks the command, the environment or what was wrong.
test("both reports say what was wrong, and where it was measured", () => {
  const argv = ["--target", "chain"];
  const command = parseBench(argv);
  assert.ok(command.command === "bench");
  const samples = [sample("k6", 100), sample("k6-ledger", 120, { disagreements: ["it lies"] })];
  const report = {
    command,
    argv,
    environment: [["CPU", "2 × one"]] as const,
    samples,
    cost: ledgerCost(turnsOf([100, 110], [100, 112])),
  };
  for (const text of [plainReport(report), markdownReport(report)]) {
    for (const part of ["3 rounds of 10 s", "k6, ledger: it lies.", "NOT held", "CPU: 2 × one"])
      assert.ok(text.includes(part));
  }
  assert.ok(markdownReport(report).includes("- command: `npm run bench -- --target chain`"));
});

// Would catch: the other target's section, or the text around, lost when one is written.
test("a section is replaced and nothing else is", () => {
  const marks = (name: string, text: string): string => `<!-- bench:${name} begin -->${text}<!-- bench:${name} end -->`;
  const document = `a\n${marks("echo", "\nold\n")}\nb\n${marks("chain", "\nkept\n")}\nc\n`;
  const written = withSection(document, "echo", "new\n");
  assert.equal(written, `a\n${marks("echo", "\n\nnew\n\n")}\nb\n${marks("chain", "\nkept\n")}\nc\n`);
  assert.equal(withSection(written, "echo", "new"), written);
  assert.throws(() => withSection("no marks", "echo", "x"), /must have/);
  assert.throws(() => withSection(document + document, "echo", "x"), /once/);
});
