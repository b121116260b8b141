import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Scenarios that can be bundled, by the name of their file in k6/scenarios/. */
export type ScenarioName = "steady";

/**
 * A k6 scenario with everything it imports as one ES module, as k6 runs it. k6 takes TypeScript as it is, but reads its
 * imports from files, and a ConfigMap holds one. Types are checked elsewhere (k6/tsconfig.json), not here.
 */
export async function bundleScenario(name: ScenarioName): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`../../k6/scenarios/${name}.ts`, import.meta.url))],
    bundle: true,
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
  if (file === undefined) throw new Error(`esbuild made no bundle of scenario ${name}.`);
  return file.text;
}
