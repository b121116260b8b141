import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";

const root = join(import.meta.dirname, "..");
// The boundary rules need no types, and files that do not exist have none.
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [{ files: ["**/*.{ts,tsx}"], ...tseslint.configs.disableTypeChecked }],
});

/** Rules that refuse this code as if it were the file at `path`. */
async function refusals(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, path) });
  assert.ok(result !== undefined);
  return result.messages.map((message) => message.ruleId ?? message.message);
}

const importOf = (module: string): string => `import * as it from "${module}";\nexport const x: unknown = it;\n`;
const useOf = (expression: string): string => `export const x: unknown = ${expression};\n`;

/** Each: a file, its code, and the rule that must refuse it. */
const refused: readonly (readonly [path: string, code: string, rule: string])[] = [
  ["orchestrator/checks/x.ts", importOf("node:fs"), "no-restricted-imports"],
  ["orchestrator/checks/x.ts", importOf("fs"), "no-restricted-imports"],
  ["orchestrator/checks/x.ts", importOf("pino"), "no-restricted-imports"],
  ["orchestrator/judge/x.ts", importOf("@kubernetes/client-node"), "no-restricted-imports"],
  [
    "orchestrator/plan/x.ts",
    'import type { Stats } from "node:fs";\nexport type X = Stats;\n',
    "no-restricted-imports",
  ],
  ["orchestrator/checks/x.ts", importOf("../kube/kube.ts"), "import-x/no-restricted-paths"],
  [
    "orchestrator/checks/x.ts",
    'import type { Kube } from "../kube/kube.ts";\nexport type X = Kube;\n',
    "import-x/no-restricted-paths",
  ],
  ["orchestrator/plan/x.ts", importOf("../history/ledger.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/history/x.ts", importOf("../checks/check.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/kube/x.ts", importOf("../cli/args.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/stage/deep/x.ts", importOf("../../judge/verdict.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/stage/x.ts", importOf("../../k6/lib/settings.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/stage/x.ts", importOf("@kubernetes/client-node"), "no-restricted-imports"],
  ["orchestrator/cli/x.ts", importOf("@kubernetes/client-node"), "no-restricted-imports"],
  ["orchestrator/prove/x.ts", importOf("../judge/verdict.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/prove/proof.ts", importOf("../kube/kube.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/prove/proxy/rules.ts", importOf("node:fs"), "no-restricted-imports"],
  ["orchestrator/judge/x.ts", importOf("../prove/proof.ts"), "import-x/no-restricted-paths"],
  ["k6/lib/x.ts", importOf("node:fs"), "no-restricted-imports"],
  ["k6/scenarios/x.ts", importOf("../../orchestrator/plan/plan.ts"), "import-x/no-restricted-paths"],
  ["page/x.ts", importOf("node:fs"), "no-restricted-imports"],
  ["page/x.ts", importOf("preact"), "no-restricted-imports"],
  ["page/x.ts", importOf("../orchestrator/judge/verdict.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/report/html/x.tsx", importOf("../../../page/words.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/report/html/x.tsx", importOf("node:fs"), "no-restricted-imports"],
  ["orchestrator/report/html/x.tsx", importOf("../../kube/kube.ts"), "import-x/no-restricted-paths"],
  ["orchestrator/checks/x.ts", useOf("Date.now()"), "no-restricted-properties"],
  ["orchestrator/checks/x.ts", useOf("Math.random()"), "no-restricted-properties"],
  ["orchestrator/checks/x.ts", useOf("new Date()"), "no-restricted-syntax"],
  ["orchestrator/checks/x.ts", useOf('import("node:fs")'), "no-restricted-syntax"],
  ["orchestrator/report/x.ts", useOf("process.env"), "no-restricted-globals"],
  ["orchestrator/judge/x.ts", useOf('fetch("https://example.com")'), "no-restricted-globals"],
  ["orchestrator/history/x.ts", useOf("setTimeout(() => undefined, 1)"), "no-restricted-globals"],
];

/** The same, from where it is allowed. */
const allowed: readonly (readonly [path: string, code: string])[] = [
  ["orchestrator/checks/x.ts", importOf("../history/ledger.ts")],
  ["orchestrator/checks/x.ts", importOf("zod")],
  ["orchestrator/checks/x.ts", useOf('new Date("2026-01-01T00:00:00Z")')],
  ["orchestrator/checks/x.test.ts", importOf("node:fs")],
  ["orchestrator/kube/x.ts", importOf("@kubernetes/client-node")],
  ["orchestrator/stage/x.ts", importOf("../kube/kube.ts")],
  ["orchestrator/cli/x.ts", importOf("../judge/verdict.ts")],
  ["orchestrator/prove/x.ts", importOf("../cli/tampering.ts")],
  ["orchestrator/cli/x.ts", useOf("Date.now()")],
  ["page/x.ts", importOf("../orchestrator/report/html/charts.ts")],
  ["page/x.ts", importOf("uplot")],
  ["orchestrator/report/html/x.tsx", importOf("preact")],
  ["k6/scenarios/x.ts", importOf("../lib/settings.ts")],
  ["k6/scenarios/x.ts", importOf("k6/http")],
];

describe("import boundaries (defect: a rule of eslint.config.js that matches nothing)", () => {
  for (const [path, code, rule] of refused) {
    test(`${path} is refused: ${code.split("\n", 1)[0] ?? ""}`, async () => {
      assert.deepEqual(await refusals(path, code), [rule]);
    });
  }
  for (const [path, code] of allowed) {
    test(`${path} is accepted: ${code.split("\n", 1)[0] ?? ""}`, async () => {
      assert.deepEqual(await refusals(path, code), []);
    });
  }

  const rooms = readdirSync(join(root, "orchestrator"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of rooms.filter((room) => room.name !== "cli")) {
    test(`${name} has boundaries (defect: a new folder that may import everything)`, async () => {
      const rules = await refusals(`orchestrator/${name}/x.ts`, importOf("../cli/args.ts"));
      assert.deepEqual(rules, ["import-x/no-restricted-paths"]);
    });
  }
});
