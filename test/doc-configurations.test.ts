import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "../orchestrator/cli/config-file.ts";
import { scenarioNames } from "../orchestrator/cli/scenario-files.ts";
import { parseConfig } from "../orchestrator/plan/config.ts";
import { configSchema } from "../orchestrator/plan/config-schema.ts";
import { parseMatrixSet } from "../orchestrator/plan/matrix-set.ts";
import { parseScenario } from "../orchestrator/plan/scenario.ts";
import { parseProof } from "../orchestrator/prove/proof.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";
import { PAGES, pagesOf } from "./testing/doc-commands.ts";

/** A YAML block of a page; one that is marked as an excerpt (```yaml excerpt) leaves out what a reader has already. */
interface Block {
  readonly where: string;
  readonly text: string;
  readonly excerpt: boolean;
  /** Those at its top; none in a list. */
  readonly keys: readonly string[];
}

const markdown = new MarkdownIt();
const mapping = z.record(z.string(), z.unknown());
const excerptSchema = z.union([
  z.strictObject({ service: mapping }),
  // What stands in a list is one of the requests.
  z.array(mapping).transform((requests) => ({ service: { requests } })),
]);

const blocks = (await pagesOf(PAGES)).flatMap(({ path, text }) =>
  markdown.parse(text, {}).flatMap(({ type, info, content, map }): Block[] => {
    const [language, marker] = info.trim().split(/\s+/);
    if (type !== "fence" || language !== "yaml") return [];
    const keys = Object.keys(mapping.safeParse(parse(content)).data ?? {});
    return [{ where: `${path}:${(map?.[0] ?? 0) + 1}`, text: content, excerpt: marker === "excerpt", keys }];
  }),
);

const { versions } = await readConfig(undefined, { root: CHECKOUT, cwd: CHECKOUT });
const parts = Object.keys(versions);
const [CONFIGURATION, scenarios] = [Object.keys(configSchema(parts).shape), await scenarioNames(CHECKOUT)];

/** What reads a block that is whole; undefined for what is no file of zerodrop's. */
function parserOf({ keys, where, text }: Block): (() => unknown) | undefined {
  const [first = ""] = keys;
  if (CONFIGURATION.includes(first)) return () => parseConfig(text, where, parts);
  if (first === "cells") return () => parseMatrixSet(text, where, scenarios);
  if (first !== "description") return undefined;
  return keys.includes("sabotage") ? () => parseProof(text, where) : () => parseScenario(text, where);
}

test("every configuration, scenario, set and proof that a page shows is one (defect: a key that was renamed, a block that is refused as it stands)", () => {
  const whole = blocks.filter((block) => !block.excerpt && parserOf(block) !== undefined);
  for (const page of ["docs/own-service.md", "docs/kind.md", "docs/scenarios.md", "docs/matrix.md", "docs/prove.md"]) {
    assert.ok(
      whole.some(({ where }) => where.startsWith(`${page}:`)),
      `${page} has none`,
    );
  }
  for (const block of whole) assert.doesNotThrow(() => parserOf(block)?.(), block.where);
});

test("excerpts of a service fit an example's configuration (defect: a form that the parser does not take)", async () => {
  const example = await readFile(join(CHECKOUT, "examples/http-model/zerodrop.yaml"), "utf8");
  const { service } = z.strictObject({ service: mapping }).parse(parse(example));
  const excerpts = blocks.filter(({ excerpt }) => excerpt);
  assert.ok(excerpts.length > 0);
  for (const { where, text } of excerpts) {
    const shown = excerptSchema.parse(parse(text), { error: () => `${where} is no part of a service` }).service;
    const { manifest, ...others } = service;
    const whole = { ...others, ...(!("running" in shown) && { manifest }), ...shown };
    assert.doesNotThrow(() => parseConfig(JSON.stringify({ service: whole }), where, parts), where);
  }
});
