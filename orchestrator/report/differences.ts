import { z } from "zod";
import type { RunResult } from "../judge/run-result.ts";
import { counted } from "../history/words.ts";
import { changedValues } from "./changed-values.ts";
import { oneLine, shortened } from "./plain-text.ts";
import { runJson } from "./run-json.ts";

/** Differences that are told one by one. */
const MOST_LINES = 60;
const LONGEST_VALUE = 160;

/** What can be compared of a run.json that any judge wrote, or somebody edited: its checks may be others than ours. */
const earlierSchema = z.looseObject({
  judge: z.looseObject({ version: z.string(), knownDefects: z.string() }),
  verdict: z.string(),
  checks: z.array(z.looseObject({ id: z.string(), verdict: z.string(), message: z.string() })),
});
type Earlier = z.infer<typeof earlierSchema>;
type EarlierCheck = Earlier["checks"][number];

/**
 * How the run.json that lies in a recording differs from the verdict just made, in plain lines that are safe to show; none when
 * they are equal byte for byte. With the same judge and the same known defects any difference means that one of the files was changed.
 */
export function differences(earlierText: string, result: RunResult): string[] {
  const text = runJson(result);
  if (earlierText === text) return [];
  const earlier = readEarlier(earlierText);
  if (typeof earlier === "string") return [`The recording's run.json cannot be compared: ${earlier}.`];
  const now = earlierSchema.parse(JSON.parse(text));
  const verdict = earlier.verdict === now.verdict ? [] : [`verdict: was ${shown(earlier.verdict)}, now ${now.verdict}`];
  const found = [...verdict, ...checkLines(earlier, now), ...valueLines(earlier, now)];
  return [headline(earlier, now, found.length), ...indented(found)];
}

function headline(earlier: Earlier, now: Earlier, found: number): string {
  const same = earlier.judge.version === now.judge.version && earlier.judge.knownDefects === now.judge.knownDefects;
  if (same) {
    const what = found === 0 ? "only its spelling differs (spaces, order of keys)" : counted(found, "difference");
    return `The recording's run.json is not what this judge makes of the recording (${judgeText(now)} in both): run.json was edited, or the recording was changed; ${what}.`;
  }
  const what = found === 0 ? "nothing else differs" : counted(found, "difference");
  return `The recording's run.json is by ${judgeText(earlier)}, this verdict by ${judgeText(now)}: ${what}.`;
}

function judgeText({ judge }: Earlier): string {
  return `judge ${shown(judge.version)} with known defects ${shown(judge.knownDefects)}`;
}

/** Checks by id: which came, went, or concluded something else. */
function checkLines(earlier: Earlier, now: Earlier): string[] {
  const before = new Map(earlier.checks.map((check) => [check.id, check]));
  const after = new Map(now.checks.map((check) => [check.id, check]));
  const ids = new Set([...after.keys(), ...before.keys()]);
  return [...ids].flatMap((id) => checkLine(before.get(id), after.get(id)) ?? []);
}

function checkLine(before: EarlierCheck | undefined, after: EarlierCheck | undefined): string | undefined {
  if (after === undefined) return before && `${shown(before.id)}: was ${shown(before.verdict)}, is no check any more`;
  const found = `${after.verdict}: ${after.message}`;
  if (before === undefined) return `${after.id}: was no check, now ${found}`;
  if (before.verdict !== after.verdict) return `${after.id}: was ${shown(before.verdict)}, now ${found}`;
  if (before.message === after.message) return undefined;
  return `${after.id}: ${after.verdict} as before; said "${shown(before.message)}", now "${after.message}"`;
}

/** Every other value, by its place. What only one of them has as a check is told already. */
function valueLines(earlier: Earlier, now: Earlier): string[] {
  const ids = new Set(now.checks.map(({ id }) => id).filter((id) => earlier.checks.some((check) => check.id === id)));
  return changedValues(comparable(earlier, ids), comparable(now, ids)).map(
    ({ place, before, after }) => `${shown(place)}: ${shown(before)}, now ${shown(after)}`,
  );
}

/** Without what has a line of its own: judge, verdict, and the checks' verdicts and messages. Checks are found by their ids. */
function comparable({ judge: _judge, verdict: _verdict, checks, ...rest }: Earlier, ids: ReadonlySet<string>): unknown {
  const byId = checks
    .filter(({ id }) => ids.has(id))
    .map(({ id, verdict: _, message: _message, ...others }) => [id, others] as const);
  return { ...rest, checks: Object.fromEntries(byId) };
}

function readEarlier(text: string): Earlier | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is no JSON";
  }
  const { data, error } = earlierSchema.safeParse(value);
  if (data !== undefined) return data;
  const issue = error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return shown(`${place}${issue?.message ?? "it is no verdict"}`);
}

function indented(lines: readonly string[]): string[] {
  const rest = lines.length - MOST_LINES;
  const told = rest > 0 ? [...lines.slice(0, MOST_LINES), `… and ${counted(rest, "more", "more")}`] : lines;
  return told.map((line) => `  ${line}`);
}

/** A value of the earlier file is anybody's text. */
function shown(text: string): string {
  return shortened(oneLine(text), LONGEST_VALUE);
}
