import { CLIENT_KINDS, CLIENT_WORDS } from "../plan/clients.ts";
import { CLUSTER_ACTIONS, FLAGS, type CommandName, type Flag } from "./flags.ts";
import { typed } from "./started.ts";

const WIDTH = 100;

const EXIT_CODES = `Exit codes:
    0  pass: every required check held, on good enough evidence
    1  fail: something was witnessed that must not happen
    2  invalid: the evidence is too weak to judge
    3  known: exactly what a declared upstream defect explains (0 with --accept known)
   64  bad arguments or configuration; nothing was created
   69  cluster, image, quota or a prerequisite could not be made ready
   70  a bug in zerodrop
  130  interrupted by Ctrl-C (143: by SIGTERM); the recording stays`;

const WORST = "the worst of all runs: 1 before 70, 69, 64, 2, 3 and 0.";

/** Of commands that tell something about recordings and judge nothing. */
const READING_EXIT_CODES = `Exit codes:
    0  done, whatever the verdicts
   64  bad arguments, or a folder without a readable recording
   70  a bug in zerodrop
  130  interrupted by Ctrl-C (143: by SIGTERM)`;

const PROVE_EXIT_CODES = `Exit codes:
    0  every sabotage was caught by the checks that should
    1  one was missed, or caught for another reason than the right one
    2  none was missed, but one was not run, or its sabotage was not done
   64  bad arguments or a bad record; nothing was created
   69  the folder is in use by another process
   70  a bug in zerodrop
  130  interrupted by Ctrl-C (143: by SIGTERM); --resume goes on`;

const FIRE_EXIT_CODES = `Exit codes:
    0  every recording was readable, every message clear, every next run worked, nothing was left
    1  something of that was not so
    2  all held, but one could not be run, or no run has come after it yet
   64  bad arguments; nothing was created
   69  the folder is in use by another process
   70  a bug in zerodrop
  130  interrupted by Ctrl-C (143: by SIGTERM); --resume goes on`;

const DOCTOR_EXIT_CODES = `Exit codes:
    0  the cluster has all that a run needs
   64  bad arguments or configuration
   69  it has not, or does not answer
   70  a bug in zerodrop
  130  interrupted by Ctrl-C (143: by SIGTERM)`;

const HISTORY_EXIT_CODES = `Exit codes:
    0  the runs were listed, whatever their verdicts
    1  with --fail-on-regression: the latest run of a group was named a regression
   64  bad arguments, or a folder that cannot be read
   70  a bug in zerodrop
  130  interrupted by Ctrl-C (143: by SIGTERM)`;

/** The help text of a command, or of all of them. At most 100 columns wide. */
export function helpText(topic: CommandName | undefined): string {
  switch (topic) {
    case "load":
      return page(
        typed("load [FLAGS]"),
        "Changes a Ray Serve application under load on a real cluster, records everything, judges the record.",
        flagLines(FLAGS.load),
        `Kinds of clients:\n${columns(CLIENT_KINDS.map((kind) => [kind, CLIENT_WORDS[kind]]))}`,
        examples(
          typed("load --strategy aggressive"),
          typed("load --strategy 10/5/20 --rate 200 --out results/slow"),
          typed("load --strategy blue-green --repeat 10"),
          `${typed("load --strategy blue-green --rate max --accept known --json", { quiet: true })} > run.json`,
        ),
        `Progress goes to stderr, results to stdout. Flags win over --config, the file over defaults.`,
        `With --repeat it exits with ${WORST}`,
        EXIT_CODES,
      );
    case "matrix":
      return page(
        typed("matrix [FLAGS]"),
        wrap(
          "Runs a set of scenarios on one cluster, one after another, and tells them in one table: on stdout, and in matrix.json, matrix.md, junit.xml and index.html of its folder, which are written anew after every run. A run that fails or cannot be run ends no other.",
          0,
        ),
        flagLines(FLAGS.matrix),
        examples(
          typed("matrix"),
          typed("matrix --only upgrade,rollback-early"),
          typed("matrix --resume --results docs/results.md"),
        ),
        `Exits with ${WORST}\nAn interrupted matrix goes on with --resume.`,
        EXIT_CODES,
      );
    case "prove":
      return page(
        typed("prove [FLAGS]"),
        wrap(
          "Breaks the real chain on purpose under load, one sabotage after another on one cluster, and tells whether the judge, which is not told of it, noticed it for the right reason: on stdout, and in prove.json, prove.md and junit.xml of its folder, which are written anew after every run.",
          0,
        ),
        flagLines(FLAGS.prove),
        examples(
          typed("prove --list"),
          typed("prove --group clients"),
          typed("prove --smallest"),
          typed("prove --resume --results docs/detection.md"),
        ),
        wrap(
          "A proof with a result of the same record, plan, versions and environment in results/ is told and not run again.",
          0,
        ),
        PROVE_EXIT_CODES,
      );
    case "fire":
      return page(
        typed("fire [FLAGS]"),
        wrap(
          "Kills the runner at moments spread over all phases of a run, stops the API server, fills the disk, evicts the load and breaks the kubeconfig under it, one run after another on one cluster; tells whether the recording was readable, the message clear, the next run worked, and nothing was left: on stdout, and in fire.json and fire.md of its folder.",
          0,
        ),
        flagLines(FLAGS.fire),
        examples(
          typed("fire --list"),
          typed("fire --only disk-full,judging"),
          typed("fire --resume --results docs/detection.md"),
        ),
        wrap("What has a result of the same moment, plan, versions and CPUs in results/ is told and not run again.", 0),
        FIRE_EXIT_CODES,
      );
    case "analyze":
      return page(
        typed("analyze DIR [FLAGS]"),
        "Judges a recording once more, and says how run.json in DIR differs. Changes nothing in DIR.",
        flagLines(FLAGS.analyze),
        examples(
          typed("analyze results/latest"),
          `${typed("analyze results/latest --json", { quiet: true })} | jq .verdict`,
        ),
        EXIT_CODES,
      );
    case "report":
      return page(
        typed("report DIR [FLAGS]"),
        "Makes report.html again from a recording: one page that works offline. Changes nothing else in DIR.",
        flagLines(FLAGS.report),
        examples(typed("report results/latest"), typed("report results/latest --out /tmp/report.html")),
        READING_EXIT_CODES,
      );
    case "compare":
      return page(
        typed("compare DIR DIR [FLAGS]"),
        "Two recordings side by side, both judged now: plan, environment, load, change, checks.",
        flagLines(FLAGS.compare),
        examples(
          typed("compare results/20260423-221530-aggressive results/latest"),
          `${typed("compare results/before results/after --json", { quiet: true })} | jq .unlike.plan`,
        ),
        READING_EXIT_CODES,
      );
    case "history":
      return page(
        typed("history [DIR] [FLAGS]"),
        wrap(
          "The runs in DIR (default results/) by plan and environment: trend, median and spread of each figure, and whether the latest run is worse than the earlier ones. Reads plan.json and run.json alone.",
          0,
        ),
        flagLines(FLAGS.history),
        examples(typed("history"), typed("history /var/zerodrop/results --fail-on-regression")),
        HISTORY_EXIT_CODES,
      );
    case "cluster":
      return page(
        typed(`cluster ${Object.keys(CLUSTER_ACTIONS).join("|")}`),
        "The embedded cluster that load runs on. load brings it up by itself when it is needed.",
        `Actions:\n${columns(Object.entries(CLUSTER_ACTIONS))}`,
        flagLines(FLAGS.cluster),
        examples(typed("cluster check"), typed("cluster up")),
        EXIT_CODES,
      );
    case "doctor":
      return page(
        typed("doctor [FLAGS]"),
        wrap(
          "Whether a cluster has what a run needs, and the remedy for what it has not: rights, KubeRay with its feature gate, Gateway API, GatewayClass, namespace, image, room. Looks only, and creates nothing.",
          0,
        ),
        flagLines(FLAGS.doctor),
        examples(
          typed("doctor --context staging"),
          `${typed("doctor --context staging --json", { quiet: true })} | jq '.[] | select(.state != "met")'`,
        ),
        DOCTOR_EXIT_CODES,
      );
    case undefined:
      return page(
        typed("COMMAND [ARGUMENTS]"),
        "zerodrop: when a Ray Serve application on Kubernetes changes, does any client notice?",
        `Commands:\n${columns([
          ["load", "change the application under load, record, judge"],
          ["matrix", "a set of scenarios on one cluster, in one table"],
          ["prove", "break the chain on purpose, and see whether the judge notices"],
          ["fire", "kill the runner and take away what it needs, and see what it leaves"],
          ["analyze", "judge a recording once more"],
          ["report", "make a recording's report.html again"],
          ["compare", "two recordings side by side"],
          ["history", "the recordings in results/, and whether the latest is worse than the earlier ones"],
          ["cluster", "the embedded cluster: check, up, down, status, reset"],
          ["doctor", "whether a cluster has what a run needs, and what to do about the rest"],
        ])}`,
        examples(typed("load --strategy aggressive"), typed("analyze results/latest"), typed("load --help")),
        EXIT_CODES,
      );
  }
}

function page(usage: string, ...sections: string[]): string {
  return `Usage: ${[usage, ...sections].join("\n\n")}\n`;
}

/** Commands as they are typed here, a line each. */
function examples(...commands: readonly string[]): string {
  return ["Examples:", ...commands.map((command) => `  ${command}`)].join("\n");
}

function flagLines(flags: readonly Flag[]): string {
  return `Flags:\n${columns(
    flags.map((flag) => [
      `--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`,
      flag.planned ? `${flag.help} (planned, not built yet)` : flag.help,
    ]),
  )}`;
}

/** Two columns, the second wrapped. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const indent = Math.max(...rows.map(([term]) => term.length)) + 4;
  return rows.map(([term, meaning]) => `  ${term}`.padEnd(indent) + wrap(meaning, indent)).join("\n");
}

/** Text broken between words so that no line passes WIDTH; lines after the first are indented. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}
