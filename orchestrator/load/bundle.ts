import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import type { ClientKind } from "../plan/clients.ts";
import { FOR_K6, ZERODROP_K6 } from "./for-k6.ts";

export { bundleScript } from "./script.ts";

const SCENARIOS = fileURLToPath(new URL("../../k6/scenarios", import.meta.url));
const LIBRARY = fileURLToPath(new URL("../../k6/lib", import.meta.url));

const LOAD = 'export { handleSummary, options } from "./load.ts";';

/**
 * The chosen kinds of clients with everything they import as one ES module, as k6 runs it: `options`, `handleSummary` and a function for
 * each kind, by its name. k6 takes TypeScript as it is, but reads its imports from files, and a ConfigMap holds one.
 * Types are checked elsewhere (k6/tsconfig.json), not here.
 */
export async function bundleScenario(kinds: readonly ClientKind[]): Promise<string> {
  const entry = [
    LOAD.replace("./", "../lib/"),
    ...kinds.map((kind) => `export { default as ${kind} } from "./${kind}.ts";`),
  ];
  return bundled(entry, SCENARIOS, []);
}

/** A kind of client of the user's: a declared request, or a script as `bundleScript` made it. */
export interface OwnClient {
  readonly name: string;
  readonly script?: string | undefined;
}

/** Exports of a bundle that are k6's to call or to read, so that no kind of client can have their names. */
const NOT_A_CLIENT = ["default", "handleSummary", "options", "setup", "teardown"];

/**
 * The user's kinds of clients as one ES module, like `bundleScenario`: declared requests by k6/lib/request-client.ts, which finds them in its environment,
 * scripts from their text. Throws where two have one name, or one has a name that means something else to k6.
 */
export async function bundleOwn(requests: readonly OwnClient[]): Promise<string> {
  const names = requests.map(({ name }) => name);
  const taken = names.find((name, index) => NOT_A_CLIENT.includes(name) || names.indexOf(name) < index);
  if (taken !== undefined) throw new TypeError(`A load can have no client ${taken}, or only one.`);
  const entry = [LOAD, 'import { declaredClient } from "./request-client.ts";'];
  for (const [index, { name, script }] of requests.entries()) {
    // A name may be a word of the language, such as delete, so it is the exported name alone.
    if (script !== undefined) entry.push(`export { default as ${name} } from "script:${name}";`);
    else
      entry.push(
        `const own${String(index)} = declaredClient("${name}");`,
        `export { own${String(index)} as ${name} };`,
      );
  }
  return bundled(entry, LIBRARY, [scripts(new Map(requests.map(({ name, script }) => [name, script])))]);
}

/** Makes files of the scripts, and finds for them what they import of zerodrop's. */
function scripts(byName: ReadonlyMap<string, string | undefined>): Plugin {
  return {
    name: "scripts",
    setup(made) {
      made.onResolve({ filter: /^script:/ }, ({ path }) => ({
        path: path.replace("script:", ""),
        namespace: "script",
      }));
      made.onLoad({ filter: /.*/, namespace: "script" }, ({ path }) => ({
        contents: byName.get(path) ?? "",
        loader: "js",
      }));
      made.onResolve({ filter: new RegExp(`^${ZERODROP_K6}$`) }, () => ({ path: `${LIBRARY}/index.ts` }));
    },
  };
}

async function bundled(entry: readonly string[], folder: string, plugins: Plugin[]): Promise<string> {
  const result = await build({
    ...FOR_K6,
    stdin: { contents: entry.join("\n"), resolveDir: folder, sourcefile: "main.ts", loader: "ts" },
    absWorkingDir: folder,
    external: ["k6", "k6/*"],
    plugins,
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`esbuild made no bundle in ${folder}.`);
  return file.text;
}
