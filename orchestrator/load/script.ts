import { isBuiltin } from "node:module";
import { basename, dirname } from "node:path";
import { build, type OnResolveArgs, type Plugin } from "esbuild";
import { z } from "zod";
import { UsageError } from "../plan/errors.ts";
import { FOR_K6, ZERODROP_K6 } from "./for-k6.ts";

/**
 * k6's modules that a script may import (getInternalJSModules of k6 2.2), but for those whose requests no account is kept of, and
 * those that read files, of which the pod has none.
 */
const K6_MODULES = [
  ...["k6", "k6/crypto", "k6/crypto/x509", "k6/data", "k6/encoding", "k6/execution", "k6/html", "k6/http"],
  ...["k6/metrics", "k6/timers", "k6/experimental/streams"],
];

/** Exports that k6 knows and a load has already. */
const OF_THE_LOAD = ["handleSummary", "options", "setup", "teardown"];

/** Bytes of a script with everything it imports. A ConfigMap, which has it together with zerodrop's own part, holds 1 MiB. */
const LARGEST = 512 * 1024;

/**
 * The user's k6 scenario, TypeScript or JavaScript, with everything it imports as one ES module, in which only k6's modules and `zerodrop/k6` are imports
 * still. Files beside it may be imported, JSON among them, .txt and .csv as text, and packages that need no Node.
 *
 * Throws a UsageError of one sentence, with file and line where there is one, when it cannot be read, imports what k6 lacks or zerodrop keeps no account of,
 * has no default export or another one that would be ignored, does not use `zerodrop/k6`, or is too large. Types are not checked.
 */
export async function bundleScript(path: string): Promise<string> {
  const name = basename(path);
  const made = await build({
    ...FOR_K6,
    entryPoints: [path],
    absWorkingDir: dirname(path),
    outdir: dirname(path),
    metafile: true,
    mainFields: ["module", "main"],
    loader: { ".txt": "text", ".csv": "text" },
    plugins: [IMPORTS],
  }).catch((error: unknown) => {
    throw new UsageError(`The k6 scenario ${path} cannot be used: ${reasonOf(error)}.`);
  });
  const [output] = Object.values(made.metafile.outputs);
  const text = made.outputFiles[0]?.text ?? "";
  if (output?.exports.includes("default") !== true)
    throw new UsageError(`The k6 scenario ${path} has no default export, which is the function that its clients run.`);
  const ignored = OF_THE_LOAD.find((each) => output.exports.includes(each));
  if (ignored !== undefined)
    throw new UsageError(
      `The k6 scenario ${path} exports ${ignored}, which would be ignored: what a load has once is zerodrop's, so leave it out of ${name}.`,
    );
  if (!output.imports.some(({ path: imported }) => imported === ZERODROP_K6))
    throw new UsageError(
      `The k6 scenario ${path} does not use ${ZERODROP_K6}, so that none of its requests would be on record; expected a LoadClient of it.`,
    );
  const bytes = Buffer.byteLength(text);
  if (bytes > LARGEST)
    throw new UsageError(
      `The k6 scenario ${path} has ${String(bytes)} bytes with everything it imports; expected at most ${String(LARGEST)}.`,
    );
  return text;
}

/** Says of each import that is no file whether k6 has it. */
const IMPORTS: Plugin = {
  name: "imports",
  setup(made) {
    made.onResolve({ filter: /^[^./]/ }, (asked) => {
      if (asked.kind === "entry-point") return undefined;
      if (asked.path === ZERODROP_K6 || K6_MODULES.includes(asked.path)) return { path: asked.path, external: true };
      const text = refusalOf(asked);
      return text === undefined ? undefined : { errors: [{ text }] };
    });
  },
};

function refusalOf({ path }: OnResolveArgs): string | undefined {
  if (/^k6(\/|$)/.test(path))
    return `it imports ${path}, expected ${ZERODROP_K6} or one of ${K6_MODULES.join(", ")}: zerodrop has no account of what others send, and the load's pod no files`;
  if (isBuiltin(path)) return `it imports ${path}, which is Node's, and k6 has no Node`;
  if (/^[a-z]+:/.test(path))
    return `it imports ${path}, which would be another file at each run: keep a copy beside the script`;
  return undefined;
}

/** What esbuild throws; `location` is null where a message is about no place. Lines from 1. */
const failureSchema = z.object({
  errors: z
    .array(z.object({ text: z.string(), location: z.object({ file: z.string(), line: z.number() }).nullable() }))
    .min(1),
});

function reasonOf(error: unknown): string {
  const failure = failureSchema.safeParse(error);
  const first = failure.data?.errors[0];
  if (first === undefined) throw error;
  const reason = first.text.replace(/\.$/, "");
  return first.location === null ? reason : `${first.location.file}, line ${String(first.location.line)}: ${reason}`;
}
