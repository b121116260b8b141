import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { ClientKind } from "../plan/clients.ts";

const SCENARIOS = fileURLToPath(new URL("../../k6/scenarios", import.meta.url));

/**
 * The chosen kinds of clients with everything they import as one ES module, as k6 runs it: `options`, `handleSummary` and a function for
 * each kind, by its name. k6 takes TypeScript as it is, but reads its imports from files, and a ConfigMap holds one.
 * Types are checked elsewhere (k6/tsconfig.json), not here.
 */
export async function bundleScenario(kinds: readonly ClientKind[]): Promise<string> {
  const entry = [
    'export { handleSummary, options } from "../lib/load.ts";',
    ...kinds.map((kind) => `export { default as ${kind} } from "./${kind}.ts";`),
  ].join("\n");
  const result = await build({
    stdin: { contents: entry, resolveDir: SCENARIOS, sourcefile: "main.ts", loader: "ts" },
    bundle: true,
    // The same bytes wherever zerodrop lies and is started: its comments name files, and below node_modules esbuild finds no tsconfig.json.
    absWorkingDir: SCENARIOS,
    tsconfigRaw: { compilerOptions: { strict: true, verbatimModuleSyntax: true } },
    write: false,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    external: ["k6", "k6/*"],
    // Read in the cluster by people who wonder what ran.
    minify: false,
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`esbuild made no bundle of ${kinds.join(", ")}.`);
  return file.text;
}
