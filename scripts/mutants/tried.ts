import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CHECKOUT } from "../artefacts/cache.ts";
import { codeOf } from "../../orchestrator/recording/parse.ts";
import { toldOf, type Reported, type Told } from "./reported.ts";

/** What was tried, in a checkout: small enough for a commit, unlike Stryker's own record, so that hours of work outlive a machine. */
export const TRIED_FILE = "scripts/mutants/tried.json";

const count = z.number().int().nonnegative();
const survivorSchema = z.strictObject({
  line: z.string(),
  number: z.number().int().positive(),
  mutator: z.string(),
  original: z.string(),
  replacement: z.string(),
  status: z.enum(["Survived", "NoCoverage"]),
});
const triedSchema = z.strictObject({
  file: z.string(),
  /** SHA-256 of the file's text, in hexadecimal. */
  code: z.string(),
  killed: count,
  withoutEnd: count,
  survivors: z.array(survivorSchema),
});

/** What all mutants of a file came to: as many as were noticed, and each that was not. */
export type Tried = z.infer<typeof triedSchema>;

/** Reads what was tried; nothing where there is no such file. Throws a ZodError for one that is none. */
export async function readTried(): Promise<readonly Tried[]> {
  const text = await readFile(join(CHECKOUT, TRIED_FILE), "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return "[]";
    throw error;
  });
  return z.array(triedSchema).parse(JSON.parse(text));
}

/** The text of TRIED_FILE: JSON with a survivor on each line, so that a commit shows which came and went. */
export function triedText(tried: readonly Tried[]): string {
  const files = tried.map(({ survivors, ...file }) => {
    const lines = survivors.map((survivor) => `\n${JSON.stringify(survivor)}`).join(",");
    return `${JSON.stringify(file).slice(0, -1)},"survivors":[${lines}]}`;
  });
  return `[\n${files.join(",\n")}\n]\n`;
}

/**
 * Those of these files of which every mutant was tried, by name; of all files of the report when left out. Of a file that an earlier call tried, a
 * report lacks the mutants that are to be tried again (again.ts).
 */
export function triedIn(reported: Reported, files?: readonly string[]): readonly Tried[] {
  const whole = Object.entries(reported.files).filter(
    ([file, { mutants }]) =>
      (files?.includes(file) ?? true) && mutants.length > 0 && mutants.every(({ status }) => status !== "Pending"),
  );
  return whole.map(([file, of]) => {
    const mutants = toldOf({ files: { [file]: of } });
    const counted = (status: Told["status"]): number => mutants.filter((mutant) => mutant.status === status).length;
    return {
      ...{ file, code: hashOf(of.source) },
      ...{ killed: counted("Killed"), withoutEnd: counted("Timeout") },
      survivors: mutants.flatMap(({ file: _, status, ...survivor }) =>
        status === "Survived" || status === "NoCoverage" ? [{ ...survivor, status }] : [],
      ),
    };
  });
}

/** What was tried before and now: of a file tried twice the latter, and nothing of one whose text (by file) is another today. */
export function together(
  before: readonly Tried[],
  now: readonly Tried[],
  today: ReadonlyMap<string, string>,
): readonly Tried[] {
  const byFile = new Map([...before, ...now].filter(isToday(today)).map((one) => [one.file, one]));
  return [...byFile.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

function isToday(today: ReadonlyMap<string, string>): (one: Tried) => boolean {
  return ({ file, code }) => {
    const text = today.get(file);
    return text !== undefined && hashOf(text) === code;
  };
}

/** The survivors of what was tried, as they are told. */
export function survivorsOf(tried: readonly Tried[]): readonly Told[] {
  return tried.flatMap(({ file, survivors }) => survivors.map((survivor) => ({ file, ...survivor })));
}

/** Mutants that a test noticed by failing or by not ending, in percent of those that could be tried; null where there are none. */
export function scoreOf(tried: readonly Tried[]): number | null {
  const noticed = tried.reduce((sum, { killed, withoutEnd }) => sum + killed + withoutEnd, 0);
  const all = noticed + survivorsOf(tried).length;
  return all === 0 ? null : (100 * noticed) / all;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
