import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { format, resolveConfig } from "prettier";
import { parse } from "yaml";
import { z } from "zod";
import { loadScenario, scenarioNames } from "../orchestrator/cli/scenario-files.ts";
import { parseConfig } from "../orchestrator/plan/config.ts";
import { FAULT_TARGETS, faultSchema } from "../orchestrator/plan/faults.ts";
import { makePlan } from "../orchestrator/plan/make-plan.ts";
import { budgetSchema, variantSchema } from "../orchestrator/plan/scenario-parts.ts";
import { parseScenario, scenarioSchema } from "../orchestrator/plan/scenario.ts";
import { stepSchema, whenSchema } from "../orchestrator/plan/steps.ts";
import { parseVersions } from "../orchestrator/plan/versions.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";
import { SCENARIOS_PAGE, withScenarioTable } from "../scripts/scenario-table.ts";

const file = join(CHECKOUT, SCENARIOS_PAGE);
const page = await readFile(file, "utf8");
const blocks = new MarkdownIt()
  .parse(page, {})
  .filter(({ type, info }) => type === "fence" && info === "yaml")
  .map(({ content }) => content);
const scenarios = await Promise.all(
  (await scenarioNames(CHECKOUT)).map((name) => loadScenario(name, { root: CHECKOUT, what: "A scenario" })),
);

test("the table has every scenario as its record says it (npm run scenarios writes it)", async () => {
  const written = withScenarioTable(page, scenarios);
  const now = await format(written, { ...(await resolveConfig(file)), parser: "markdown" });
  assert.ok(page === now, `${SCENARIOS_PAGE} does not have what the records say: npm run scenarios`);
});

test("a page without the table's place is refused (defect: the table is written nowhere, or over the text)", () => {
  assert.throws(() => withScenarioTable("# Scenarios\n", scenarios), /once each/);
  assert.throws(() => withScenarioTable(`${page}${page}`, scenarios), /once each/);
  const [, end = ""] = /(<!-- scenarios: end -->)/.exec(page) ?? [];
  assert.throws(() => withScenarioTable(page.replace(end, ""), scenarios), /once each/);
});

test("what a record says cannot end its row or its cell (defect: a column more, or a table cut in two)", () => {
  const [one] = scenarios;
  assert.ok(one !== undefined);
  const written = withScenarioTable(page, [{ ...one, description: "One |\ntwo\n\nthree." }]);
  const rows = new MarkdownIt()
    .parse(written.slice(written.indexOf("scenarios: begin"), written.indexOf("scenarios: end")), {})
    .filter(({ type }) => type === "td_open");
  assert.equal(rows.length, 5);
});

test("every record on the page is one, and can be planned (defect: an example that is refused)", async () => {
  const versions = parseVersions(await readFile(join(CHECKOUT, "versions.json"), "utf8"), "versions.json");
  const config = parseConfig("", "defaults", Object.keys(versions));
  let records = 0;
  for (const block of blocks) {
    const data: unknown = parse(block);
    if (Array.isArray(data)) z.array(stepSchema).min(1).parse(data);
    else if (!z.looseObject({ steps: z.unknown() }).safeParse(data).success) scenarioSchema.partial().parse(data);
    else {
      const scenario = parseScenario(block, "example");
      const run = { versions, runId: "example", createdAt: "2026-01-01T00:00:00.000Z", seed: 1 };
      assert.deepEqual(makePlan({ request: {}, config, scenario, ...run }).steps, scenario.steps);
      records += 1;
    }
  }
  assert.ok(records > 0, "no record to go by");
});

test("a file that an example names is there (defect: an example that cannot be run)", async () => {
  for (const block of blocks) {
    const read = z.looseObject({ application: variantSchema }).safeParse(parse(block));
    const { serveConfig, manifests } = read.data?.application ?? {};
    for (const name of [serveConfig, manifests]) {
      if (name !== undefined) await readFile(join(CHECKOUT, "scenarios", name), "utf8");
    }
  }
});

/** Every word that a record may be made of. */
const words: readonly string[] = [
  ...[scenarioSchema, variantSchema, budgetSchema].flatMap(({ shape }) => Object.keys(shape)),
  ...scenarioSchema.shape.group.options,
  ...stepSchema.options.flatMap(({ shape }) => [...shape.do.values, ...Object.keys(shape)]),
  ...faultSchema.options.flatMap(({ shape }) => [...shape.kind.values, ...Object.keys(shape)]),
  ...FAULT_TARGETS,
  ...whenSchema.options.flatMap(({ shape }) => Object.keys(shape)),
];

test("every key, step, moment and fault is explained (defect: a new one that nobody can find)", () => {
  const explained = page.replace(/<!-- scenarios: begin -->[^]*<!-- scenarios: end -->/, "");
  const code = new MarkdownIt()
    .parse(explained, {})
    .flatMap((token) => [token, ...(token.children ?? [])])
    .filter(({ type }) => type === "code_inline" || type === "fence")
    .flatMap(({ content }) => content.match(/[A-Za-z][\w-]*/g) ?? []);
  assert.deepEqual(
    words.filter((word) => !code.includes(word)),
    [],
  );
});
