import type { JSX } from "preact";
import { commandLine, type Started } from "../../plan/command-line.ts";
import type { Plan } from "../../plan/plan.ts";
import type { RunResult } from "../../judge/run-result.ts";
import { oneLine } from "../plain-text.ts";
import { reproduceCommand } from "../reproduce.ts";
import { shellWord } from "../shell-word.ts";
import { Figures } from "./figures.tsx";
import { Facts } from "./table.tsx";

/** How to make the run again, how to judge it again, and everything that was asked for and found. */
export function RunSection({
  result,
  plan,
  recording,
  files,
  started,
}: {
  readonly result: RunResult;
  readonly plan: Plan;
  readonly recording: string;
  readonly files: readonly string[];
  readonly started: Started;
}): JSX.Element {
  const { environment, judge } = result;
  const { command, config } = reproduceCommand(plan, { started });
  const folder = shellWord(oneLine(recording));
  return (
    <section aria-labelledby="run-title">
      <h2 id="run-title">Do it again</h2>
      <Command title="The same run" text={command} />
      {config === null ? null : <Command title="with this configuration file" text={config} />}
      <Command title="Judge the recording again" text={commandLine(started, `analyze ${folder}`)} />
      <Command title="Make this page again" text={commandLine(started, `report ${folder}`)} />
      {files.length === 0 ? null : (
        <>
          <h3>Beside this page</h3>
          <ul class="files">
            {files.map((file) => (
              <li key={file}>
                <a href={`./${encodeURIComponent(file)}`}>{oneLine(file)}</a>
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>Environment</h2>
      <Facts
        rows={[
          ["run", result.runId],
          ["made", plan.createdAt],
          ["judge", `version ${judge.version}, known defects ${judge.knownDefects}`],
          [
            "target",
            `${environment.target}, profile ${environment.profile}, Serve ingress ${environment.serveIngress}`,
          ],
          ["CPUs", environment.cpus === null ? "unknown" : String(environment.cpus)],
          ...Object.entries(environment.versions),
        ]}
      />
      <details>
        <summary>Everything measured of the environment</summary>
        <Figures value={environment.measured} />
      </details>
      <details>
        <summary>The plan</summary>
        <Figures value={plan} />
      </details>
      {result.k6.thresholds.length === 0 ? null : (
        <details>
          <summary>k6's thresholds</summary>
          <Figures value={result.k6} />
        </details>
      )}
    </section>
  );
}

function Command({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  return (
    <div class="command">
      <h3>{title}</h3>
      <pre tabIndex={0} aria-label={title} role="region">
        <code>{text.toWellFormed()}</code>
      </pre>
    </div>
  );
}
