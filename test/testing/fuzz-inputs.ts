/** For tests only, imported by fuzz.test.ts: what users write. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import fc from "fast-check";
import { parseAllDocuments, stringify } from "yaml";
import { parseCommand } from "../../orchestrator/cli/args.ts";
import { FLAGS } from "../../orchestrator/cli/flags.ts";
import { kubeContexts } from "../../orchestrator/cli/kubeconfig.ts";
import { loadKubeconfig } from "../../orchestrator/kube/kubeconfig.ts";
import { kubeconfig } from "../../orchestrator/kube/testing/api-server.ts";
import { parseConfig } from "../../orchestrator/plan/config.ts";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { jsonSchema, patched } from "../../orchestrator/plan/json-patch.ts";
import { makePlan } from "../../orchestrator/plan/make-plan.ts";
import { parseMatrixSet } from "../../orchestrator/plan/matrix-set.ts";
import { outlineOf, outlineText } from "../../orchestrator/plan/outline.ts";
import { outputsOf } from "../../orchestrator/plan/out-k6.ts";
import { planSchema, type Plan } from "../../orchestrator/plan/plan.ts";
import { parseScenario, type Scenario } from "../../orchestrator/plan/scenario.ts";
import { specPatchSchema } from "../../orchestrator/plan/steps.ts";
import { parseProof } from "../../orchestrator/prove/proof.ts";
import { objectsBeside } from "../../orchestrator/stage/objects-beside.ts";
import { serveConfigOf } from "../../orchestrator/stage/variant.ts";
import { changed, changes, cuts, cutText, fuzzed, hostile, jsonOf, readOrRefused, textOf } from "./fuzz.ts";

const PROJECT = join(import.meta.dirname, "../..");
const textsIn = (folder: string): string[] =>
  readdirSync(join(PROJECT, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => readFileSync(join(PROJECT, folder, name), "utf8"));
const valueOf = (text: string): unknown => parseAllDocuments(text)[0]?.toJS();

/** Texts like these: with values changed, or with bytes cut. */
function like(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .constantFrom(...texts)
    .chain((text) =>
      fc.oneof(
        { weight: 3, arbitrary: changes.map((made) => jsonOf(changed(valueOf(text), made))) },
        { weight: 2, arbitrary: cuts.map((made) => cutText(text, made)) },
      ),
    );
}

const createdAt = "2026-01-02T03:04:05.000Z";
const config = parseConfig("", "defaults", []);

/** A plan that is made must be one that can be read again, and told of. */
function planned(scenario: Scenario, by = config): Plan {
  const plan = makePlan({ request: {}, scenario, config: by, versions: {}, runId: "run", createdAt, seed: 1 });
  const again = planSchema.parse(JSON.parse(JSON.stringify(plan)));
  outlineText(again, outlineOf(again));
  return again;
}

const CONFIG = `strategy: 10/5/20
scenario: upgrade
target: embedded
profile: standard
serveIngress: proxy
warmUp: { seconds: 5, deadline: 60 }
load: { rate: 100, vus: 7, clients: [long, steady], parallelism: 2, requestTimeout: 2.5, grace: 0 }
deadlines: { factor: 2, clusterUp: 400, converged: 99 }
versions: { ray: "2.59.0" }
images: { ray: "registry.example/ray:2.59.0" }
latencyBudget: 2.5
`;
const upgrade = parseScenario(readFileSync(join(PROJECT, "scenarios/upgrade.yaml"), "utf8"), "upgrade");

fuzzed("configuration files", 1500, fc.oneof(like([CONFIG]), fc.string()), async (text) => {
  const read = await readOrRefused(() => parseConfig(text, "run.yaml", ["ray", "k6"]));
  if (read !== undefined) await readOrRefused(() => planned(upgrade, read));
});

const flags = Object.values(FLAGS).flatMap((known) => known.map(({ name }) => `--${name}`));
const words = fc.oneof(
  fc.constantFrom(...flags, "--", "-h", "load", "analyze", "25/2/50", "max", "1", "steady,long", "known", "embedded"),
  hostile.map(textOf),
);

fuzzed(
  "command lines",
  1500,
  fc.tuple(fc.constantFrom(...Object.keys(FLAGS), "lod"), fc.array(words, { maxLength: 5 })),
  async ([command, rest]) => {
    const contexts = { kubeContexts: () => ({ source: "kubeconfig", names: ["a", "__proto__"] }) };
    const read = await readOrRefused(() => parseCommand([command, ...rest], contexts));
    if (read?.command === "load") await readOrRefused(() => outputsOf(read.outK6, { K6_CLOUD_TOKEN: "x" }));
  },
);

fuzzed("scenarios", 900, like(textsIn("scenarios")), async (text) => {
  const read = await readOrRefused(() => parseScenario(text, "fuzzed"));
  if (read !== undefined) await readOrRefused(() => planned(read));
});

fuzzed("proofs", 800, like(textsIn("proofs")), async (text) => {
  await readOrRefused(() => parseProof(text, "fuzzed"));
});

fuzzed("sets of a matrix", 500, like(textsIn("scenarios/sets")), async (text) => {
  await readOrRefused(() => parseMatrixSet(text, "mine.yaml", ["upgrade", "rollback"]));
});

const beside = textsIn("scenarios").filter((text) => /^(apiVersion|applications):/m.test(text));

fuzzed("manifests and serve configs beside a scenario", 500, like(beside), async (text) => {
  await readOrRefused(() => objectsBeside(text, { runId: "run", namespace: "test" }));
  await readOrRefused(() => serveConfigOf({ version: "v2", variant: { serveConfig: text } }, ""));
});

const pointers = fc
  .array(fc.oneof(fc.constantFrom("a", "b", "0", "1", "-", "~0", "~1", "~", "", "__proto__"), hostile.map(textOf)))
  .map((parts) => `/spec/${parts.join("/")}`);
const operations = fc.array(
  fc.record({ op: fc.constantFrom("add", "replace", "remove"), path: pointers, value: hostile }),
  { maxLength: 4 },
);

fuzzed("patches", 600, operations, (made) => {
  const document = jsonSchema.parse({ spec: { a: [1, { b: 2 }], b: { a: {} } } });
  const read = specPatchSchema
    .array()
    .safeParse(
      made.map(({ value, ...operation }) => (operation.op === "remove" ? operation : { ...operation, value })),
    );
  if (!read.success) return;
  try {
    jsonSchema.parse(patched(document, read.data));
  } catch (error) {
    // Its own errors are sentences, and of no class of their own: whoever calls it says what was patched.
    if (!(error instanceof Error) || error.constructor !== Error || error instanceof UsageError) throw error;
  }
  if (Object.hasOwn(Object.prototype, "x")) throw new Error("A patch has reached all objects.");
});

const KUBECONFIG = stringify(JSON.parse(kubeconfig("https://127.0.0.1:6443")));
const folder = mkdtempSync(join(tmpdir(), "zerodrop-fuzz-"));
after(() => rm(folder, { recursive: true, force: true }));
const path = join(folder, "kubeconfig");

fuzzed("kubeconfigs", 500, like([KUBECONFIG]), async (text) => {
  await writeFile(path, text);
  await readOrRefused(() => loadKubeconfig(path));
  await readOrRefused(() => loadKubeconfig(path, "__proto__"));
  kubeContexts({ KUBECONFIG: path });
});
