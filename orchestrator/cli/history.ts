import { join, relative, resolve } from "node:path";
import { historyJson, regressedRuns, type HistoryReport } from "../report/trend/history-report.ts";
import { historyText } from "../report/trend/history-text.ts";
import { trendsOf } from "../report/trend/trend.ts";
import type { HistoryCommand } from "./args.ts";
import { RESULTS } from "./out.ts";
import { recordedRunsIn } from "./recorded-runs.ts";

interface HistoryParts {
  readonly home: string;
  readonly cwd: string;
  /** For the history: stdout. */
  readonly print: (text: string) => void;
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/**
 * `npm run history -- [DIR]`: the recordings that lie directly in a folder, from their plan.json and run.json alone. Writes nothing. Resolves to
 * the exit code: 0 whatever was found, but for 1 when a regression was named and was asked to count; an invalid run is none. Rejects with a RecordingError when
 * DIR cannot be listed, or is itself a recording.
 */
export async function runHistory(command: HistoryCommand, parts: HistoryParts): Promise<number> {
  const { home, cwd, print } = parts;
  const directory = command.directory === undefined ? join(home, RESULTS) : resolve(cwd, command.directory);
  const report = await historyOf(directory, command.directory ?? (relative(cwd, directory) || "."));
  print(command.json ? historyJson(report) : historyText(report, parts));
  return command.failOnRegression && regressedRuns(report).length > 0 ? 1 : 0;
}

async function historyOf(directory: string, shown: string): Promise<HistoryReport> {
  const { runs, notJudged, others } = await recordedRunsIn(directory);
  return { folder: shown, groups: trendsOf(runs), notJudged, others: others.length };
}
