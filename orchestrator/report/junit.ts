import Builder from "fast-xml-builder";
import { z } from "zod";
import { hasBudget, wayOfChange } from "../judge/change-words.ts";
import type { CheckResult, RunResult } from "../judge/run-result.ts";
import { oneLine } from "./plain-text.ts";
import type { FileReport } from "./report.ts";
import { xmlText } from "./xml-text.ts";

/** Violations of a check that are told in its test case; run.json has more, the recording all. */
const SHOWN_VIOLATIONS = 10;

/** Attributes begin with "@", the element's text is "#", everything else is an element or a list of them. */
interface Element {
  readonly [name: string]: string | Element | readonly Element[];
}

/** A suite of junit.xml. */
export interface JunitSuite {
  readonly name: string;
  /** Of the change; null when it has none. */
  readonly seconds: number | null;
  /** ISO 8601. */
  readonly at: string | null;
  readonly properties: readonly Element[];
  readonly cases: readonly Element[];
}

const xml = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  textNodeName: "#",
  format: true,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  attributeValueProcessor: (_name, value) => xmlText(oneLine(String(value))),
  tagValueProcessor: (_name, value) => xmlText(String(value)),
});

/**
 * junit.xml, for CI: one suite for the run, one test case for each check, named by the check's stable id. It has a failure exactly
 * when something was witnessed, an error exactly when the evidence of a required check is too weak; a known upstream
 * defect is skipped, so that it does not stop a pipeline by itself.
 */
export const JUNIT_XML: FileReport = { file: "junit.xml", text: junitText };

function junitText(result: RunResult): string {
  return junitDocument([suiteOf(result)]);
}

/** junit.xml's text, of suites with their cases. */
export function junitDocument(suites: readonly JunitSuite[]): string {
  const seconds = suites.flatMap((suite) => suite.seconds ?? []);
  return xml.build({
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    testsuites: {
      "@name": "zerodrop",
      ...totalsOf(suites.flatMap(({ cases }) => cases)),
      ...(seconds.length > 0 && { "@time": seconds.reduce((sum, one) => sum + one, 0).toFixed(3) }),
      testsuite: suites.map(({ name, seconds: took, at, properties, cases }) => ({
        "@name": name,
        ...totalsOf(cases),
        ...(took !== null && { "@time": took.toFixed(3) }),
        ...(at !== null && { "@timestamp": at }),
        ...(properties.length > 0 && { properties: { property: properties } }),
        testcase: cases,
      })),
    },
  } satisfies Element);
}

function totalsOf(cases: readonly Element[]): Element {
  return {
    "@tests": String(cases.length),
    "@failures": String(cases.filter((one) => "failure" in one).length),
    "@errors": String(cases.filter((one) => "error" in one).length),
    "@skipped": String(cases.filter((one) => "skipped" in one).length),
  };
}

/** A run's suite: a case for each of its checks. By its scenario and strategy, unless it is called otherwise. */
export function suiteOf(result: RunResult, called?: string): JunitSuite {
  const { checks, change } = result;
  const scenario = `zerodrop.${change.scenario}`;
  return {
    name: `zerodrop.${called ?? `${change.scenario}.${change.strategy.name}`}`,
    seconds: change.seconds,
    at: change.triggeredAt,
    properties: propertiesOf(result),
    cases: checks.map((check) => caseOf(check, called === undefined ? scenario : `zerodrop.${called}`)),
  };
}

function propertiesOf({ runId, verdict, sentence, judge, change, environment }: RunResult): Element[] {
  const { name, stepSizePercent, intervalSeconds, maxSurgePercent } = change.strategy;
  const properties: Readonly<Record<string, string>> = {
    runId,
    verdict,
    sentence,
    strategy: name,
    stepSizePercent: String(stepSizePercent),
    intervalSeconds: String(intervalSeconds),
    maxSurgePercent: String(maxSurgePercent),
    ...changeProperties(change),
    "judge.version": judge.version,
    "judge.knownDefects": judge.knownDefects,
    ...Object.fromEntries(Object.entries(environment.versions).map(([part, version]) => [`versions.${part}`, version])),
  };
  return Object.entries(properties).map(([key, value]) => ({ "@name": key, "@value": value }));
}

/** How it went, where it was no plain upgrade; faults by their words, and what was used of a budget. */
function changeProperties(change: RunResult["change"]): Readonly<Record<string, string>> {
  const { faults = [], stuckOn = [], budget } = change;
  const way = wayOfChange(change);
  return {
    ...(way === "upgrade" ? {} : { way }),
    ...(faults.length === 0 ? {} : { faults: faults.map(({ text }) => text).join("; ") }),
    ...(stuckOn.length === 0 ? {} : { stuckOn: stuckOn.join("; ") }),
    ...(budget === undefined || !hasBudget(change)
      ? {}
      : {
          "budget.failedRequests": String(budget.failedRequests),
          "budget.disruptedSeconds": String(budget.disruptedSeconds),
          ...(budget.used?.failedRequests == null
            ? {}
            : { "budget.used.failedRequests": String(budget.used.failedRequests) }),
          ...(budget.used?.disruptedSeconds == null
            ? {}
            : { "budget.used.disruptedSeconds": String(budget.used.disruptedSeconds) }),
        }),
  };
}

function caseOf(check: CheckResult, classname: string): Element {
  return { "@name": check.id, "@classname": classname, ...outcomeOf(check) };
}

function outcomeOf(check: CheckResult): Element {
  const { verdict, required, message } = check;
  const told: Element = { "@message": message, "@type": verdict, "#": bodyOf(check) };
  switch (verdict) {
    case "pass":
      return { "system-out": message };
    case "fail":
      return { failure: told };
    case "known":
      return { skipped: { "@message": knownDefectOf(check) }, "system-out": message };
    case "invalid":
    case "not-applicable":
      // Only what is required and could not be judged makes the run invalid.
      return required ? { error: told } : { skipped: { "@message": message } };
  }
}

const knownDefectSchema = z.object({ id: z.string(), summary: z.string() });

function knownDefectOf({ figures, message }: CheckResult): string {
  const { data } = knownDefectSchema.safeParse(figures["knownDefect"]);
  return data === undefined ? `known defect: ${message}` : `known defect ${data.id}: ${data.summary}`;
}

/** What stands behind a finding: its figures, and its first violations with their times. */
function bodyOf({ figures, violations }: CheckResult): string {
  const shown = violations.slice(0, SHOWN_VIOLATIONS);
  const count = figures["violations"];
  const all = typeof count === "number" ? count : violations.length;
  return [
    `figures: ${JSON.stringify(figures, null, 2)}`,
    ...(shown.length === 0 ? [] : [`violations, the first ${shown.length} of ${all}:`]),
    ...shown.map(({ atMs, cause, facts }) => `${isoOf(atMs)} ${cause} ${JSON.stringify(facts)}`),
  ].join("\n");
}

/** ISO 8601; a number that is no time of this world as it is. */
function isoOf(wallMs: number): string {
  return Math.abs(wallMs) <= 8.64e15 ? new Date(wallMs).toISOString() : String(wallMs);
}
