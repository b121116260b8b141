import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { runResultSchema } from "../judge/run-result.ts";
import { planSchema } from "../plan/plan.ts";
import { FILES } from "../recording/format.ts";
import { linesOf } from "../recording/lines.ts";
import { codeOf, parse } from "../recording/parse.ts";
import type { ShotFacts } from "../report/fire/fire.ts";
import { ANALYZE_SECONDS } from "../report/fire/problems.ts";
import { RUN_JSON } from "../report/run-json.ts";

const toldSchema = z.looseObject({ verdict: z.string(), sentence: z.string() });
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What `npm run analyze -- DIR --json` says of a recording; `main` is the program with its arguments before the command's name. */
export async function analysisOf(
  folder: string,
  {
    main,
    cwd,
    env,
  }: { readonly main: readonly [string, ...string[]]; readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<ShotFacts["analysis"]> {
  const [program, ...before] = main;
  const startMs = performance.now();
  const seconds = (): number => Math.round(performance.now() - startMs) / 1000;
  const limits = { timeout: ANALYZE_SECONDS * 1000, killSignal: "SIGKILL", maxBuffer: MOST_OUTPUT_BYTES } as const;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...before, "analyze", folder, "--json"],
      { cwd, env, ...limits },
      (_error, stdout, stderr) => {
        const told = toldIn(stdout);
        resolve({
          exitCode: child.exitCode,
          seconds: seconds(),
          verdict: told?.verdict ?? null,
          said: told?.sentence ?? stderr.trim(),
        });
      },
    );
  });
}

function toldIn(stdout: string): z.infer<typeof toldSchema> | undefined {
  try {
    return toldSchema.safeParse(JSON.parse(stdout)).data;
  } catch {
    return undefined;
  }
}

/** What lies in a run's folder, as far as it can be read without the judge. */
export async function recordingIn(folder: string): Promise<ShotFacts["recording"]> {
  const plan = await textOf(join(folder, FILES.plan));
  const read = await textOf(join(folder, RUN_JSON.file));
  return {
    runId: plan === undefined ? null : (valueOf(planSchema, plan)?.runId ?? "unreadable"),
    complete: await hasEnd(join(folder, FILES.history)),
    verdict: read === undefined ? "none" : (valueOf(runResultSchema, read)?.verdict ?? "unreadable"),
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

function valueOf<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return parse(schema, text, () => "");
  } catch {
    return undefined;
  }
}

/** Whether a history has the line that the runner ends it with. */
async function hasEnd(path: string): Promise<boolean> {
  try {
    for await (const lines of linesOf(path)) {
      if (!("cut" in lines) && lines.texts.some((text) => text.includes('"action":"record-end"'))) return true;
    }
  } catch {
    // Not there, or damaged: analyze says which.
  }
  return false;
}
