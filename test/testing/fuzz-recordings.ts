/** For tests only, imported by fuzz.test.ts: recordings that were damaged, or made up. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { withUnpacked } from "../../scripts/recordings.ts";
import type { Finding } from "../../orchestrator/checks/check.ts";
import { CHECKS, type StartCheck } from "../../orchestrator/checks/index.ts";
import { recorded, upgrades } from "../../orchestrator/checks/testing/generated-upgrades.ts";
import { judgeRecording } from "../../orchestrator/cli/judge-recording.ts";
import { reportHtml, tellRecording } from "../../orchestrator/cli/told-recording.ts";
import { k6SummarySchema } from "../../orchestrator/history/k6-summary.ts";
import { ledgerLineSchema, type LedgerLine } from "../../orchestrator/history/ledger.ts";
import { observationSchema } from "../../orchestrator/history/observation.ts";
import { createJudge } from "../../orchestrator/judge/judge.ts";
import { runResultSchema, type RunResult } from "../../orchestrator/judge/run-result.ts";
import { RecordingError } from "../../orchestrator/plan/errors.ts";
import { CHECK_IDS, planSchema, type CheckId } from "../../orchestrator/plan/plan.ts";
import { parse } from "../../orchestrator/recording/parse.ts";
import { createCourse } from "../../orchestrator/report/course/course-fold.ts";
import { FILE_REPORTS } from "../../orchestrator/report/files.ts";
import { terminalReport } from "../../orchestrator/report/terminal.ts";
import { changed, changes, cutBytes, cuts, fuzzed, jsonOf, readOrRefused } from "./fuzz.ts";
import { sampleOf, type Sample } from "./fuzz-samples.ts";

/** What is done to the lines of a file, at which of them (a part of their number), and to how many. */
interface Deed {
  readonly how: "drop" | "double" | "swap" | "end" | "change";
  readonly at: number;
  readonly many: number;
  readonly made: Parameters<typeof changed>[1];
}
const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const deed: fc.Arbitrary<Deed> = fc.record({
  how: fc.constantFrom("drop", "double", "swap", "end", "change", "change", "change", "change"),
  at: part,
  many: fc.integer({ min: 1, max: 5 }),
  made: changes,
});
const deeds = fc.array(deed, { minLength: 1, maxLength: 3 });

function hurt(lines: readonly unknown[], done: readonly Deed[]): readonly unknown[] {
  return done.reduce((now, { how, at, many, made }) => {
    const index = Math.floor(at * now.length);
    const these = now.slice(index, index + many);
    switch (how) {
      case "drop":
        return now.toSpliced(index, many);
      case "double":
        return now.toSpliced(index, 0, ...these);
      case "swap":
        return [...now.toSpliced(index, many), ...these];
      case "end":
        return now.slice(0, index);
      case "change":
        return index < now.length ? now.with(index, changed(now[index], made)) : now;
    }
  }, lines);
}

interface Lines {
  readonly plan: unknown;
  readonly summary: unknown;
  readonly history: readonly unknown[];
  readonly ledger: readonly unknown[];
}

/** Judges lines as they would be read from files, and makes every report. A line that is none ends it, by its own error. */
function told({ plan: planned, summary, history, ledger }: Lines): RunResult {
  const plan = parse(planSchema, jsonOf(planned), () => "plan.json");
  const judge = createJudge(
    plan,
    summary === undefined ? undefined : parse(k6SummarySchema, jsonOf(summary), () => "k6-summary.json"),
  );
  const course = createCourse(plan);
  for (const value of history) {
    const line = parse(observationSchema, jsonOf(value), () => "history.ndjson");
    judge.observe(line);
    course.observe(line);
  }
  for (const value of ledger) {
    const line = parse(ledgerLineSchema, jsonOf(value), () => "ledger.ndjson");
    judge.ledger(line);
    course.ledger(line);
  }
  const result = runResultSchema.parse(JSON.parse(JSON.stringify(judge.finish())));
  course.finish();
  for (const report of [...FILE_REPORTS, terminalReport({ colour: false, recording: "here" })]) report.text(result);
  // A plan without a deadline is an old one, and said so; whatever else a check stumbles over is a bug of it.
  const broken = result.checks.find(({ message }) =>
    /^The check itself failed: (?!The plan has no deadline named)/.test(message),
  );
  assert.ok(broken === undefined, `${broken?.id ?? ""}: ${broken?.message ?? ""}`);
  return result;
}

/** Some good recordings of upgrades, as their files have them. */
const stories: readonly Sample[] = fc.sample(upgrades, { seed: 1, numRuns: 6 }).map((upgrade) => {
  const { plan, summary, observations, ledger } = recorded(upgrade);
  return { plan, summary, history: observations, ledger };
});
const story = fc.constantFrom(...stories);

fuzzed("plans", 500, fc.tuple(story, changes), async ([sample, made]) => {
  await readOrRefused(() => told({ ...sample, plan: changed(sample.plan, made), history: [], ledger: [] }));
});

fuzzed("histories of made-up upgrades", 150, fc.tuple(story, deeds), async ([sample, done]) => {
  await readOrRefused(() => told({ ...sample, history: hurt(sample.history, done) }));
});

fuzzed("ledgers of made-up upgrades", 150, fc.tuple(story, deeds), async ([sample, done]) => {
  await readOrRefused(() => told({ ...sample, ledger: hurt(sample.ledger, done) }));
});

const killed = sampleOf("killed-is-invalid");

fuzzed("a real recording, of a run that was killed", 60, fc.tuple(deeds, deeds), async ([one, other]) => {
  const result = await readOrRefused(() =>
    told({ ...killed, history: hurt(killed.history, one), ledger: hurt(killed.ledger, other) }),
  );
  assert.notEqual(result?.verdict, "pass");
});

const passed = sampleOf("aggressive-passes");
const ledger = passed.ledger.map((line) => ledgerLineSchema.parse(line));
const observations = passed.history.map((line) => observationSchema.parse(line));

/** Every check but this one passes whatever it sees: what it says alone is the verdict. */
function alone(only: CheckId): Readonly<Record<CheckId, StartCheck>> {
  const passing = (id: CheckId): StartCheck => {
    const finding: Finding = { id, verdict: "pass", message: "", figures: {}, violations: [] };
    return () => ({ id, onObservation: () => undefined, onLedger: () => undefined, finish: () => finding });
  };
  const started = CHECK_IDS.map((id) => [id, id === only ? CHECKS[id] : passing(id)] as const);
  return Object.fromEntries(started) as Record<CheckId, StartCheck>;
}

/** The verdict on the real recording that passes, with another ledger. */
function verdictOn(lines: readonly LedgerLine[], checks = CHECKS): RunResult["verdict"] {
  const judge = createJudge(planSchema.parse(passed.plan), k6SummarySchema.parse(passed.summary), { checks });
  for (const line of observations) judge.observe(line);
  for (const line of lines) judge.ledger(line);
  return judge.finish().verdict;
}

/** Lines that are lost: some in a row, or each so-and-so-many-th. */
const losses = fc.record({ at: part, many: fc.integer({ min: 1, max: 50 }), every: fc.integer({ min: 1, max: 500 }) });
type Loss = Readonly<Record<"at" | "many" | "every", number>>;

function without({ at, many, every }: Loss): LedgerLine[] {
  const first = Math.floor(at * ledger.length);
  return ledger.filter((_, index) => {
    const since = index - first;
    return since < 0 || since % every !== 0 || since / every >= many;
  });
}

fuzzed("ledgers of a real recording that lost lines never pass recording-complete", 80, losses, (loss) => {
  assert.equal(verdictOn(without(loss), alone("recording-complete")), "invalid");
});

fuzzed("ledgers of a real recording that lost lines never pass", 4, losses, (loss) => {
  assert.notEqual(verdictOn(without(loss)), "pass");
});

test("the whole ledger passes (defect: nothing was lost above, and all of it invalid anyway)", () => {
  assert.equal(verdictOn(ledger), "pass");
});

const folder = mkdtempSync(join(tmpdir(), "zerodrop-fuzz-"));
after(() => rm(folder, { recursive: true, force: true }));
const KILLED = join(import.meta.dirname, "../recordings/killed-is-invalid");

type Files = readonly (readonly [name: string, bytes: Buffer])[];
const packed: Files = readdirSync(KILLED).map((name) => [name, readFileSync(join(KILLED, name))]);
const unpacked: Files = packed.map(([name, bytes]) =>
  name.endsWith(".gz") ? [name.slice(0, -".gz".length), gunzipSync(bytes)] : [name, bytes],
);

/** The files in a folder of their own, with one of them cut. */
async function cutIn(
  files: Files,
  { which, made }: { readonly which: number; readonly made: Parameters<typeof cutBytes>[1] },
): Promise<string> {
  const into = await mkdtemp(join(folder, "run-"));
  for (const [index, [name, bytes]] of files.entries()) {
    await writeFile(join(into, name), index === which % files.length ? cutBytes(bytes, made) : bytes);
  }
  return into;
}

const cut = fc.record({ which: fc.nat(), made: cuts });

fuzzed("files of a real recording with bytes lost, doubled and others", 60, cut, async (how) => {
  const recording = await cutIn(unpacked, how);
  const all = await readOrRefused(() => tellRecording(recording));
  if (all === undefined) return;
  assert.notEqual(all.result.verdict, "pass");
  await reportHtml(all, { recording: "run", folder: recording });
});

fuzzed("kept recordings whose gzip is broken", 20, cut, async (how) => {
  const recording = await cutIn(packed, how);
  const result = await withUnpacked(recording, judgeRecording).catch((error: unknown) => {
    const isOfGzip = error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
    assert.ok(isOfGzip || error instanceof RecordingError, String(error));
    return undefined;
  });
  assert.notEqual(result?.verdict, "pass");
});
