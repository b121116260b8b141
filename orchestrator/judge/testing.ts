/** For tests only. */
import type { Story } from "../checks/testing.ts";
import { createJudge } from "./judge.ts";
import { runResultSchema, type RunResult } from "./run-result.ts";

/** Judges a story and holds the result against its published schema. */
export function judged(story: Story, options?: Parameters<typeof createJudge>[2]): RunResult {
  const judge = createJudge(story.plan, story.summary, options);
  for (const line of story.observations) judge.observe(line);
  for (const line of story.ledger) judge.ledger(line);
  return runResultSchema.parse(judge.finish());
}

/** Ids of the checks that do not pass, with their verdicts; those that are neither required nor applicable left out. */
export function notPassing({ checks }: RunResult): Record<string, string> {
  return Object.fromEntries(
    checks
      .filter(({ verdict, required }) => verdict !== "pass" && (required || verdict !== "not-applicable"))
      .map(({ id, verdict }) => [id, verdict]),
  );
}
