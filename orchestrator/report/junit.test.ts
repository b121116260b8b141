import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { XMLParser } from "fast-xml-parser";
import { SaxesParser } from "saxes";
import { z } from "zod";
import { worstOf } from "../judge/verdict.ts";
import { CHECK_IDS } from "../plan/plan.ts";
import { JUNIT_XML } from "./junit.ts";
import { check, runResult } from "./testing.ts";

const outcome = z.strictObject({ "@message": z.string(), "@type": z.string(), "#": z.string() });
const totals = {
  "@tests": z.coerce.number(),
  "@failures": z.coerce.number(),
  "@errors": z.coerce.number(),
  "@skipped": z.coerce.number(),
  "@time": z.string().optional(),
};
/** All that may stand in junit.xml. */
const junitSchema = z.strictObject({
  "?xml": z.strictObject({ "@version": z.literal("1.0"), "@encoding": z.literal("UTF-8") }),
  testsuites: z.strictObject({
    "@name": z.literal("zerodrop"),
    ...totals,
    testsuite: z.strictObject({
      "@name": z.string(),
      ...totals,
      "@timestamp": z.string().optional(),
      properties: z.strictObject({
        property: z.array(z.strictObject({ "@name": z.string(), "@value": z.string() })),
      }),
      testcase: z.array(
        z.strictObject({
          "@name": z.string(),
          "@classname": z.string(),
          failure: outcome.optional(),
          error: outcome.optional(),
          skipped: z.strictObject({ "@message": z.string() }).optional(),
          "system-out": z.string().optional(),
        }),
      ),
    }),
  }),
});

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  textNodeName: "#",
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => name === "testcase" || name === "property",
});

/** The suite in what was written, held against all that may stand in it. The second parser is there because it forgives nothing. */
function suiteOf(result: Parameters<typeof JUNIT_XML.text>[0]) {
  const text = JUNIT_XML.text(result);
  new SaxesParser().write(text).close();
  return junitSchema.parse(parser.parse(text)).testsuites.testsuite;
}

function caseOf(...[id, verdict, message, rest]: Parameters<typeof check>) {
  const { testcase } = suiteOf(runResult([check(id, verdict, message, rest)]));
  return testcase.find((one) => one["@name"] === id) ?? assert.fail();
}

const MALICIOUS = `]]></failure><x a="1"/> & &amp; ' \u0000\u0008\u000b\u001b[31m\ufffe\ud800 <!-- <![CDATA[ 😀`;
/** The same as it must be read again: marks in the place of what XML has no way to write. */
const HARMLESS = `]]></failure><x a="1"/> & &amp; ' \ufffd\ufffd \ufffd[31m\ufffd\ufffd <!-- <![CDATA[ 😀`;

test("one suite for the run, one case for each check, named by id alone (defect: CI sees new tests with each run)", () => {
  const suite = suiteOf(runResult());
  assert.equal(suite["@name"], "zerodrop.upgrade.aggressive");
  assert.deepEqual(
    suite.testcase.map((one) => one["@name"]),
    [...CHECK_IDS],
  );
  assert.ok(suite.testcase.every((one) => one["@classname"] === "zerodrop.upgrade"));
  const outcomes = [suite["@tests"], suite["@failures"], suite["@errors"], suite["@skipped"]];
  assert.deepEqual(outcomes, [CHECK_IDS.length, 0, 0, 0]);
});

test("the suite lasts as long as the change, and began with it (defect: the time of writing)", () => {
  const suite = suiteOf(runResult());
  assert.equal(suite["@time"], "35.900");
  assert.equal(suite["@timestamp"], "2026-03-14T09:00:10.000Z");
  const { change } = runResult();
  const never = suiteOf(runResult([], { change: { ...change, triggeredAt: null, seconds: null } }));
  assert.deepEqual([never["@time"], never["@timestamp"]], [undefined, undefined]);
});

test("run, verdict, strategy and versions are properties", () => {
  const { properties } = suiteOf(runResult());
  const found = Object.fromEntries(properties.property.map((one) => [one["@name"], one["@value"]]));
  assert.deepEqual(
    [found["runId"], found["verdict"], found["strategy"], found["stepSizePercent"], found["versions.kuberay"]],
    ["20260314-090000-aggressive", "pass", "aggressive", "25", "1.6.2"],
  );
});

test("a violation is a failure with the sentence, the figures and the first violations with their times", () => {
  const violation = (second: number) => ({
    atMs: Date.UTC(2026, 2, 14, 9, 0, second),
    cause: "failed-request",
    facts: { status: 503 },
  });
  const { failure } = caseOf("zero-failures", "fail", "369 of 7,800 requests failed.", {
    figures: { violations: 369, byStatus: { "503": 369 } },
    violations: Array.from({ length: 50 }, (_, index) => violation(index)),
  });
  assert.equal(failure?.["@message"], "369 of 7,800 requests failed.");
  assert.equal(failure["@type"], "fail");
  const lines = failure["#"].split("\n");
  assert.ok(lines.includes("violations, the first 10 of 369:"));
  assert.ok(lines.includes('2026-03-14T09:00:09.000Z failed-request {"status":503}'));
  assert.equal(lines.filter((line) => line.includes("failed-request")).length, 10);
  const figures = lines.slice(0, lines.indexOf("violations, the first 10 of 369:")).join("\n");
  assert.deepEqual(JSON.parse(figures.replace("figures: ", "")), { violations: 369, byStatus: { "503": 369 } });
});

test("a required check that could not judge is an error, another one is skipped with its reason", () => {
  for (const verdict of ["invalid", "not-applicable"] as const) {
    const required = caseOf("rate-held", verdict, "2 iterations could not be started.");
    assert.deepEqual(
      [required.error?.["@type"], required.error?.["@message"], required.skipped],
      [verdict, "2 iterations could not be started.", undefined],
    );
    const optional = caseOf("rate-held", verdict, "2 iterations could not be started.", { required: false });
    assert.deepEqual(
      [optional.error, optional.skipped],
      [undefined, { "@message": "2 iterations could not be started." }],
    );
  }
});

test("a known defect is skipped under its id and told in full (defect: upstream's bug stops the pipeline)", () => {
  const knownDefect = { id: "kuberay-blue-green-startup-race", page: "docs/x.md", summary: "too early" };
  const message = "369 of 7,800 requests failed: known defect kuberay-blue-green-startup-race.";
  const known = caseOf("zero-failures", "known", message, { figures: { knownDefect } });
  assert.equal(known.skipped?.["@message"], "known defect kuberay-blue-green-startup-race: too early");
  assert.deepEqual([known["system-out"], known.failure, known.error], [message, undefined, undefined]);
  assert.equal(caseOf("zero-failures", "known", message).skipped?.["@message"], `known defect: ${message}`);
});

test("text of the cluster cannot break out, and what XML forbids is replaced by a mark", () => {
  const { failure } = caseOf("zero-failures", "fail", MALICIOUS, {
    figures: { body: MALICIOUS },
    violations: [{ atMs: 1e300, cause: MALICIOUS, facts: { [MALICIOUS]: MALICIOUS } }],
  });
  assert.equal(failure?.["@message"], HARMLESS);
  assert.ok(failure["#"].includes("]]></failure><x a="));
});

test("versions and names of the cluster cannot break out either", () => {
  const { change, environment } = runResult();
  const { properties, "@name": name } = suiteOf(
    runResult([], {
      change: { ...change, strategy: { ...change.strategy, name: MALICIOUS } },
      environment: { ...environment, versions: { ray: "true", [MALICIOUS]: MALICIOUS } },
    }),
  );
  assert.equal(name, `zerodrop.upgrade.${HARMLESS}`);
  // An attribute without its value is HTML.
  assert.deepEqual(properties.property.at(-2), { "@name": "versions.ray", "@value": "true" });
  assert.deepEqual(properties.property.at(-1), { "@name": `versions.${HARMLESS}`, "@value": HARMLESS });
});

test("any text at all is well-formed XML", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { failure } = caseOf("zero-failures", "fail", text, { figures: { [text]: text } });
      assert.ok(failure !== undefined);
    }),
  );
});

test("CI sees a failure exactly when the verdict is fail, and else an error exactly when it is invalid", () => {
  const finding = fc.record({
    verdict: fc.constantFrom("pass", "fail", "invalid", "known", "not-applicable"),
    required: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(finding, { minLength: 1, maxLength: 8 }), (findings) => {
      const checks = findings.map(({ verdict, required }, index) =>
        check(CHECK_IDS[index] ?? assert.fail(), verdict, "It is so.", { required }),
      );
      const suite = suiteOf(runResult([], { checks }));
      const verdict = worstOf(checks);
      assert.equal(suite["@failures"] > 0, verdict === "fail");
      if (verdict !== "fail") assert.equal(suite["@errors"] > 0, verdict === "invalid");
      assert.equal(suite["@tests"], checks.length);
    }),
  );
});

test("how a change went, its faults and its budget are properties (defect: known to the sentence alone)", () => {
  const { change } = runResult();
  const faults = [{ text: "a pod deleted", at: null, secondsSinceTrigger: 1, seconds: null }];
  const budget = { failedRequests: 3, disruptedSeconds: 2, used: { failedRequests: 1, disruptedSeconds: null } };
  const text = JUNIT_XML.text(runResult([], { change: { ...change, way: "third", faults, budget } }));
  for (const [name, value] of [
    ["way", "third"],
    ["faults", "a pod deleted"],
    ["budget.failedRequests", "3"],
    ["budget.used.failedRequests", "1"],
  ]) {
    assert.ok(text.includes(`<property name="${name ?? ""}" value="${value ?? ""}"`), name);
  }
  assert.doesNotMatch(text, /budget\.used\.disruptedSeconds/);
  assert.doesNotMatch(JUNIT_XML.text(runResult()), /name="(way|faults|budget)/);
});
