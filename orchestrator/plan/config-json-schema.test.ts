import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import { versions } from "../../scripts/artefacts/versions.ts";
import { scenarioNames } from "../cli/scenario-files.ts";
import { CONFIG_SCHEMA_FILE, configJsonSchema } from "./config-json-schema.ts";
import { parseConfig } from "./config.ts";
import { configKeys, configSchema } from "./config-schema.ts";
import { meaningOf } from "./config-words.ts";

const root = join(import.meta.dirname, "../..");
const parts = Object.keys(versions);
const published = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(await readFile(join(root, CONFIG_SCHEMA_FILE), "utf8")));
const validate = new Ajv2020({ strict: true, allErrors: true, useDefaults: true }).compile(published);

test("the published schema is the one of the code (npm run schema publishes it)", async () => {
  const now = configJsonSchema(parts, await scenarioNames(root));
  assert.deepEqual(published, JSON.parse(JSON.stringify(now)), "npm run schema");
});

interface Described {
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, Described>> | undefined;
}
const describedSchema: z.ZodType<Described> = z.object({
  description: z.string().optional(),
  get properties() {
    return z.record(z.string(), describedSchema).optional();
  },
});

test("every key says what it means and its default (defect: a key that an editor cannot explain)", () => {
  const { properties = {} } = describedSchema.parse(published);
  for (const key of configKeys(configSchema(parts))) {
    const [name = "", inner] = key.split(".");
    const field = inner === undefined ? properties[name] : properties[name]?.properties?.[inner];
    const { meaning, default: byDefault } = meaningOf(field?.description ?? "");
    assert.match(meaning, /^[A-Zk].*\.$/, key);
    assert.notEqual(byDefault, "", key);
  }
});

test("the defaults of the schema are those of a configuration that says nothing (defect: another figure in one of the two)", () => {
  const filled = { warmUp: {}, load: {}, deadlines: {} };
  assert.ok(validate(filled), JSON.stringify(validate.errors));
  assert.ok(Object.keys(filled.load).length >= 3, JSON.stringify(filled));
  assert.deepEqual(parseConfig(JSON.stringify(filled), "filled", parts), parseConfig("", "empty", parts));
});

/** Configurations as JSON, and whether they are right. */
const CONFIGURATIONS: readonly (readonly [right: boolean, text: string])[] = [
  [true, "{}"],
  [true, '{"strategy":"blue-green"}'],
  [true, '{"strategy":"10/3/40"}'],
  [false, '{"strategy":"blue"}'],
  [false, '{"strategy":"10/3"}'],
  [false, '{"strategy":25}'],
  [false, '{"stratgy":"aggressive"}'],
  [true, '{"target":"context"}'],
  [true, '{"target":"kind"}'],
  [false, '{"target":"minikube"}'],
  [true, '{"images":{"kuberay":"registry.example/operator:1","envoyGateway":"eg:1","envoy":"envoy:1"}}'],
  [false, '{"profile":"large"}'],
  [true, '{"serveIngress":"proxy"}'],
  [false, '{"serveIngress":"envoy"}'],
  [true, '{"gatewayClass":"eg"}'],
  [false, '{"gatewayClass":"e g"}'],
  [true, '{"warmUp":{"seconds":20,"deadline":60.5}}'],
  [false, '{"warmUp":{"seconds":20.5}}'],
  [false, '{"warmUp":{"deadline":0}}'],
  [false, '{"warmUp":20}'],
  [true, '{"load":{"rate":"max"}}'],
  [true, '{"load":{"rate":"200"}}'],
  [true, '{"load":{"rate":100000}}'],
  [false, '{"load":{"rate":100001}}'],
  [false, '{"load":{"rate":0}}'],
  [false, '{"load":{"rate":"fast"}}'],
  [true, '{"load":{"clients":["steady","long"]}}'],
  [false, '{"load":{"clients":["steady","steady"]}}'],
  [false, '{"load":{"clients":["quick"]}}'],
  [false, '{"load":{"clients":[]}}'],
  [false, '{"load":{"clients":"steady"}}'],
  [true, '{"load":{"parallelism":32,"vus":10000,"grace":0,"requestTimeout":0.5}}'],
  [false, '{"load":{"parallelism":33}}'],
  [false, '{"load":{"grace":-1}}'],
  [true, '{"latencyBudget":1.5}'],
  [false, '{"latencyBudget":0.5}'],
  [true, '{"deadlines":{"factor":100,"converged":864000}}'],
  [false, '{"deadlines":{"factor":0}}'],
  [false, '{"deadlines":{"warmUp":60}}'],
  [true, '{"versions":{"ray":"2.60.0"},"images":{"k6":"registry.example/k6:1"}}'],
  [false, '{"versions":{"ray":2.6}}'],
  [false, '{"versions":{"rey":"2.60.0"}}'],
  [false, '{"images":{"redis":"redis:8"}}'],
  [false, "[]"],
];

describe("an editor takes what zerodrop takes (defect: a red line below a right key, or none below a wrong one)", () => {
  for (const [right, text] of CONFIGURATIONS) {
    test(text, () => {
      assert.equal(validate(JSON.parse(text)), right, JSON.stringify(validate.errors));
      const parse = () => parseConfig(text, "example", parts);
      if (right) parse();
      else assert.throws(parse, { name: "UsageError" });
    });
  }
});
