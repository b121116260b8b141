import assert from "node:assert/strict";
import { test } from "node:test";
import { rollback, takenBack } from "../checks/testing/rollback-story.ts";
import { ownPlan, withFirstTokens, withoutClusters } from "../checks/testing/own-service-story.ts";
import { aggressiveUpgrade, mixedPlan, steadyLoad, planOf } from "../checks/testing.ts";
import { judged } from "../judge/testing.ts";
import { runJson } from "./run-json.ts";
import { terminalReport } from "./terminal.ts";
import { check, runResult } from "./testing.ts";

const summary = (story = aggressiveUpgrade(), colour = false): string =>
  terminalReport({ colour, recording: "results/20260314-090000-test" }).text(judged(story.finish()));

const literal = (...result: Parameters<typeof runResult>): string =>
  terminalReport({ colour: false, recording: "results/20260314-090000-test" }).text(runResult(...result));

test("the verdict and its sentence come first", () => {
  const [first = "", second = ""] = summary().split("\n");
  assert.match(first, /PASS/);
  assert.match(second, /No client noticed: 7,800 requests through an aggressive upgrade of 35\.9 s, none failed\./);
});

test("it says what clients saw", () => {
  const text = literal();
  assert.match(text, /failed +0 \(with 95 % confidence fewer than 1 in 2,604\)/);
  assert.match(text, /99\.9 answers\/s on average/);
  assert.match(text, /before +12\.1 +13 +14\.3 +1,200$/m);
  assert.match(text, /during +12\.2 +15 +19\.5 +40$/m);
  assert.match(text, /after +nothing answered$/m);
  assert.match(text, /answered by +app-abcde 3,750, app-fghij 4,049$/m);
});

test("it says what the machine had to give, where that is known (defect: slow answers that a neighbour on the host is to blame for)", () => {
  assert.doesNotMatch(literal(), /machine/);
  const { environment } = runResult();
  const worst = { stolenPercent: 9.34, seconds: 2.04, at: "2026-03-14T09:01:12.345Z" };
  const told = (change: Partial<NonNullable<typeof environment.cpuUse>>): string =>
    literal([], {
      environment: { ...environment, cpus: 2, cpuUse: { busyPercent: 64, stolenPercent: 1.2, worst, ...change } },
    });
  const head = "machine +2 CPUs, 64\\.0 % busy";
  assert.match(
    told({}),
    new RegExp(`${head}; 1\\.2 % taken by the hypervisor, at most 9\\.3 % in 2\\.0 s, until\\s+09:01:12 UTC$`, "m"),
  );
  assert.match(
    told({ stolenPercent: 0, worst: { ...worst, stolenPercent: 0 } }),
    new RegExp(`${head}; 0\\.0 % taken by the hypervisor$`, "m"),
  );
});

test("every step has its time, both sides' capacity and traffic, and the new side's measured share", () => {
  const step = { atMs: 0, activeCapacity: 100, activeTraffic: 100, pendingCapacity: null, pendingTraffic: null };
  const moved = { activeCapacity: 50, activeTraffic: 25, pendingCapacity: 100, pendingTraffic: 75 };
  const steps = [
    { ...step, secondsSinceTrigger: -10, answered: 950, newShare: null },
    { ...step, ...moved, secondsSinceTrigger: 31.2, answered: 1200, newShare: 0.875 },
    { ...step, secondsSinceTrigger: 35.9, answered: 3310, newShare: 1 },
  ];
  const rows = literal([], { change: { ...runResult().change, steps } })
    .split("\n")
    .filter((line) => /^ +(before|\d+\.\d s) .*%/.test(line));
  assert.equal(rows.length, 3);
  assert.match(rows[0] ?? "", /^ +before +100 % +100 % +– +– +950 +–$/);
  assert.match(rows[1] ?? "", /^ +31\.2 s +50 % +25 % +100 % +75 % +1,200 +87\.5 %$/);
  // Once promoted, what was the new side is all there is.
  assert.match(rows[2] ?? "", /^ +35\.9 s +– +– +100 % +100 % +3,310 +100\.0 %$/);
});

test("a rollback says when it was taken back, and its old side stays the old one (defect: what is left told as promoted)", () => {
  const text = summary(rollback());
  assert.match(
    text,
    /^ +rollback +taken back 26\.5 s after the trigger, complete 6\.7 s later, new pods gone 16\.8 s$/m,
  );
  assert.match(text, /^ +33\.2 s +100 % +100 % +– +– +[\d,]+ +0\.0 %$/m);
  assert.doesNotMatch(text, /promot/);
  assert.match(summary(takenBack()), /^ +rollback +taken back 26\.5 s after the trigger, did not converge$/m);
});

test("every check has a line with its symbol, id and sentence", () => {
  const text = literal([
    check("zero-failures", "fail", "1 of 7,701 requests failed."),
    check("rate-held", "invalid", "2 iterations could not be started."),
    check("latency-budget", "not-applicable", "There is none."),
    check("pods-stable", "known", "It is known."),
  ]);
  assert.match(text, /✘ zero-failures +1 of 7,701 requests failed\.$/m);
  assert.match(text, /\? rate-held +2 iterations could not be started\.$/m);
  assert.match(text, /– latency-budget +There is none\.$/m);
  assert.match(text, /! pods-stable +It is known\.$/m);
  assert.match(text, /✔ converged +All is well with converged\.$/m);
});

test("it says where the recording lies and how to judge it again", () => {
  assert.match(summary(), /npm run analyze -- results\/20260314-090000-test$/m);
});

test("several kinds of clients have a row each, one kind has none", () => {
  const text = summary(aggressiveUpgrade(mixedPlan()).at(35).failed({ client: "long" }));
  assert.match(text, /^ {2}p50\/p95\/p99 +requests +failed +hanging +before +during +after$/m);
  assert.match(text, /^ {2}steady +5,304 +0 +0 +(1[12]\.\d\/?){3} +(1[12]\.\d\/?){3} +(1[12]\.\d\/?){3}$/m);
  assert.match(text, /^ {2}long +157 +1 +0 +(60\d\d\/?){3} /m);
  assert.doesNotMatch(summary(), /p50\/p95\/p99/);
});

test("kinds of clients have the user's names and order, and first tokens a table where there are any", () => {
  const text = terminalReport({ colour: false, recording: "r" }).text(
    judged(withFirstTokens(aggressiveUpgrade(ownPlan()).finish(), 100, 30_000)),
  );
  const kinds = text.split("\n").flatMap((line) => /^ {2}(predict|constructor|chat) {2,}[\d,]+ /.exec(line)?.[1] ?? []);
  assert.deepEqual(kinds, ["predict", "constructor", "chat"]);
  assert.match(text, /^ {2}to first token +p50\/p95\/p99 before +during +after$/m);
  assert.match(text, /^ {2}chat +100\/100\/100 +(30\d{3}\/?){3} +(30\d{3}\/?){3}$/m);
  assert.doesNotMatch(summary(aggressiveUpgrade(ownPlan())), /token/);
});

test("RayClusters that were told by their versions are said to be (defect: an assumption read as what answers said)", () => {
  const text = terminalReport({ colour: false, recording: "r" }).text(
    judged(withoutClusters(aggressiveUpgrade(ownPlan()).finish())),
  );
  assert.match(text, /answered by +\S+ 3,760, \S+ 4,040; told by their versions$/m);
  const { load } = runResult();
  assert.match(literal([], { load: { ...load, perCluster: { "": 5 } } }), /answered by +not told 5$/m);
});

test("no line is wider than 100 columns, whatever went wrong", () => {
  const long = {
    status: 0,
    errorCode: 1220,
    message: "read tcp 198.18.0.7:41234->198.19.0.9:80: connection reset by peer ".repeat(4),
  };
  const conservative = { name: "conservative", stepSizePercent: 1, intervalSeconds: 10, maxSurgePercent: 1 };
  for (const story of [
    aggressiveUpgrade(),
    aggressiveUpgrade().at(50).failed(long),
    aggressiveUpgrade(mixedPlan()).failed({ ...long, client: "c".repeat(40) }),
    steadyLoad(planOf(conservative)),
  ]) {
    for (const line of summary(story).split("\n")) assert.ok(line.length <= 100, line);
  }
  const hours = { p50: 7_200_000, p95: 7_200_000, p99: 7_200_000, max: 7_200_000 };
  const { load } = runResult();
  const client = load.clients["short"];
  assert.ok(client !== undefined);
  const clients = { ["c".repeat(40)]: { ...client, firstToken: { before: hours, during: hours, after: hours } } };
  for (const line of literal([], { load: { ...load, clients } }).split("\n")) assert.ok(line.length <= 100, line);
});

test("colour adds escapes and nothing else", () => {
  const coloured = summary(aggressiveUpgrade(), true);
  assert.ok(coloured.includes("\u001b["));
  assert.equal(coloured.replaceAll(/\u001b\[[\d;]*m/g, ""), summary());
});

test("a run that never came to its change still has a summary", () => {
  const text = summary(steadyLoad(planOf()));
  assert.match(text, /INVALID/);
  assert.match(text, /did not converge/);
  assert.match(text, /No step was seen\./);
});

test("sentences of checks begin in one column (defect: a new check's id is longer than the column)", () => {
  const lines = literal().split("\n");
  const columns = lines.filter((line) => line.includes("All is well")).map((line) => line.indexOf("All is well"));
  assert.equal(columns.length, runResult().checks.length);
  assert.equal(new Set(columns).size, 1);
});

test("text of the cluster cannot steer the terminal, and a word of any length stays within the width", () => {
  const text = `\u001b[2J\u001b]0;title\u0007\u009b31m\u202e${"x".repeat(500)}`;
  const { load } = runResult();
  const findings = [check("zero-failures", "fail", text)];
  const shown = literal(findings, { sentence: text, load: { ...load, perVersion: { [text]: 1 } } });
  assert.doesNotMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  for (const line of shown.split("\n")) assert.ok(line.length <= 100, line);
});

test("run.json ends with a newline and is the result", () => {
  const result = judged(aggressiveUpgrade().finish());
  const text = runJson(result);
  assert.ok(text.endsWith("}\n"));
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(result)));
});

test("the page is named where there is one (defect: a report that nobody finds, or one that is not there)", () => {
  const [recording, page] = ["results/one", "results/one/report.html"];
  assert.match(
    terminalReport({ colour: false, recording, page }).text(runResult()),
    /look at +results\/one\/report\.html$/m,
  );
  assert.doesNotMatch(terminalReport({ colour: false, recording }).text(runResult()), /report\.html/);
});
