import { CLIENT_KINDS, CLIENT_WORDS } from "../plan/clients.ts";
import { CLUSTER_ACTIONS, FLAGS, type CommandName, type Flag } from "./flags.ts";
import {
  DOCTOR_EXIT_CODES,
  EXIT_CODES,
  FIRE_EXIT_CODES,
  HISTORY_EXIT_CODES,
  PROVE_EXIT_CODES,
  READING_EXIT_CODES,
} from "./help-exit-codes.ts";
import { page, pageText, type HelpPage, type Row, type Section } from "./help-page.ts";
import { typed } from "./started.ts";

const WORST = "the worst of all runs: 1 before 70, 69, 64, 2, 3 and 0.";

/** The help text of a command, or of all of them. */
export function helpText(topic: CommandName | undefined): string {
  return pageText(helpPage(topic));
}

/** What there is to say about a command, or about all of them. */
export function helpPage(topic: CommandName | undefined): HelpPage {
  switch (topic) {
    case "load":
      return page(
        typed("load [FLAGS]"),
        "Changes a Ray Serve application under load on a real cluster, records everything, judges the record.",
        flagLines(FLAGS.load),
        terms(
          "Kinds of clients",
          CLIENT_KINDS.map((kind) => [kind, CLIENT_WORDS[kind]]),
        ),
        examples(
          typed("load --strategy aggressive"),
          typed("load --strategy 10/5/20 --rate 200 --out results/slow"),
          typed("load --strategy blue-green --repeat 10"),
          typed("load --context staging --install-platform --dry-run"),
          `${typed("load --strategy blue-green --rate max --accept known --json", { quiet: true })} > run.json`,
        ),
        `Progress goes to stderr, results to stdout. Flags win over --config, the file over defaults.`,
        `With --repeat it exits with ${WORST}`,
        EXIT_CODES,
      );
    case "matrix":
      return page(
        typed("matrix [FLAGS]"),
        "Runs a set of scenarios on one cluster, one after another, and tells them in one table: on stdout, and in matrix.json, matrix.md, junit.xml and index.html of its folder, which are written anew after every run. A run that fails or cannot be run ends no other.",
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
        "Breaks the real chain on purpose under load, one sabotage after another on one cluster, and tells whether the judge, which is not told of it, noticed it for the right reason: on stdout, and in prove.json, prove.md and junit.xml of its folder, which are written anew after every run.",
        flagLines(FLAGS.prove),
        examples(
          typed("prove --list"),
          typed("prove --group clients"),
          typed("prove --smallest"),
          typed("prove --resume --results docs/detection.md"),
        ),
        "A proof with a result of the same record, plan, versions and environment in results/ is told and not run again.",
        PROVE_EXIT_CODES,
      );
    case "fire":
      return page(
        typed("fire [FLAGS]"),
        "Kills the runner at moments spread over all phases of a run, stops the API server, fills the disk, evicts the load and breaks the kubeconfig under it, one run after another on one cluster; tells whether the recording was readable, the message clear, the next run worked, and nothing was left: on stdout, and in fire.json and fire.md of its folder.",
        flagLines(FLAGS.fire),
        examples(
          typed("fire --list"),
          typed("fire --only disk-full,judging"),
          typed("fire --resume --results docs/detection.md"),
        ),
        "What has a result of the same moment, plan, versions and CPUs in results/ is told and not run again.",
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
        "The runs in DIR (default results/) by plan and environment: trend, median and spread of each figure, and whether the latest run is worse than the earlier ones. Reads plan.json and run.json alone.",
        flagLines(FLAGS.history),
        examples(typed("history"), typed("history /var/zerodrop/results --fail-on-regression")),
        HISTORY_EXIT_CODES,
      );
    case "cluster":
      return page(
        typed(`cluster ${Object.keys(CLUSTER_ACTIONS).join("|")}`),
        "The embedded cluster that load runs on, or one of kind's. load brings either up by itself when it is needed. On a cluster of yours, the platform that zerodrop has installed.",
        terms("Actions", Object.entries(CLUSTER_ACTIONS)),
        flagLines(FLAGS.cluster),
        examples(
          typed("cluster check"),
          typed("cluster up"),
          typed("cluster up --target kind"),
          typed("cluster remove-platform --context staging --dry-run"),
        ),
        EXIT_CODES,
      );
    case "doctor":
      return page(
        typed("doctor [FLAGS]"),
        "Whether a cluster has what a run needs, and the remedy for what it has not: rights, KubeRay with its feature gate, Gateway API, GatewayClass, namespace, image, room. Looks only, and creates nothing.",
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
        terms("Commands", [
          ["load", "change the application under load, record, judge"],
          ["matrix", "a set of scenarios on one cluster, in one table"],
          ["prove", "break the chain on purpose, and see whether the judge notices"],
          ["fire", "kill the runner and take away what it needs, and see what it leaves"],
          ["analyze", "judge a recording once more"],
          ["report", "make a recording's report.html again"],
          ["compare", "two recordings side by side"],
          ["history", "the recordings in results/, and whether the latest is worse than the earlier ones"],
          ["cluster", "the embedded cluster: check, up, down, status, reset; remove-platform on one of yours"],
          ["doctor", "whether a cluster has what a run needs, and what to do about the rest"],
        ]),
        examples(typed("load --strategy aggressive"), typed("analyze results/latest"), typed("load --help")),
        EXIT_CODES,
      );
  }
}

/** Commands as they are typed here, a line each. */
function examples(...commands: readonly string[]): Section {
  return { kind: "examples", commands };
}

function terms(title: string, rows: readonly Row[]): Section {
  return { kind: "terms", title, rows };
}

function flagLines(flags: readonly Flag[]): Section {
  return terms(
    "Flags",
    flags.map((flag) => [`--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`, flag.help]),
  );
}
