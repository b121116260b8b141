import { CLIENT_KINDS } from "../plan/clients.ts";
import { STRATEGIES } from "../plan/strategy.ts";
import { PROOF_GROUPS } from "../report/prove/prove.ts";

/** A flag of a command: the one place that parsing and help both read. */
export interface Flag {
  readonly name: string;
  /** What its value looks like; a flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** May be given more than once. */
  readonly repeatable?: true;
}

export type CommandName =
  "load" | "matrix" | "prove" | "fire" | "analyze" | "report" | "compare" | "history" | "cluster" | "doctor";

const HELP: Flag = { name: "help", help: "show this help" };
const RESULTS: Flag = {
  name: "results",
  value: "FILE",
  help: "write the table into that Markdown file too, as a section of its own",
};
const RESUME: Flag = {
  name: "resume",
  help: "go on in the folder in --out, or in the latest one: what has no result is run",
};
const strategies = STRATEGIES.map(
  (it) => `${it.name} (${it.stepSizePercent}/${it.intervalSeconds}/${it.maxSurgePercent})`,
);

export const FLAGS: Readonly<Record<CommandName, readonly Flag[]>> = {
  load: [
    {
      name: "strategy",
      value: "NAME|STEP/INTERVAL/SURGE",
      help: `how traffic moves: ${strategies.join(", ")}, or STEP (percent of traffic, 1-100) / INTERVAL (seconds, at least 1) / SURGE (percent of capacity, 1-100)`,
    },
    {
      name: "scenario",
      value: "NAME",
      help: "what is done to the application, upgrade by default; docs/scenarios.md has them all",
    },
    { name: "rate", value: "RPS|max", help: "requests per second whatever the answers; max: as fast as answers come" },
    { name: "serve-ingress", value: "haproxy|proxy", help: "Ray Serve's data plane" },
    { name: "profile", value: "small|standard", help: "resources of the application: small for 2 cores" },
    {
      name: "target",
      value: "embedded|context|kind",
      help: "cluster to run on, embedded by default; kind makes one in Docker, docs/kind.md",
    },
    {
      name: "context",
      value: "NAME",
      help: "run on the cluster of that context of the kubeconfig; doctor tells what it needs",
    },
    {
      name: "install-platform",
      help: "install what the cluster of --context lacks of KubeRay, Gateway API and Envoy Gateway; cluster remove-platform removes it",
    },
    { name: "config", value: "FILE", help: "YAML or JSON with warm-up, rates, deadlines, versions and images" },
    { name: "out", value: "DIR", help: "the recording's folder, empty or new; default results/TIME-STRATEGY" },
    { name: "json", help: "print run.json on stdout, and nothing else" },
    { name: "keep", help: "leave the application under test in place" },
    {
      name: "dry-run",
      help: "print the steps, the states expected and the least time they take, do nothing; with --json the whole plan",
    },
    { name: "accept", value: "known", help: "exit 0, not 3, when only declared upstream defects were found" },
    {
      name: "clients",
      value: "KIND,...",
      help: `kinds of clients, all by default: ${CLIENT_KINDS.join(", ")}`,
    },
    { name: "parallelism", value: "N", help: "k6 pods that make the load together, 1 by default" },
    {
      name: "out-k6",
      value: "OUTPUT",
      help: "a further k6 output, as k6's own --out takes it; its K6_... variables go with it in a Secret; may be repeated",
      repeatable: true,
    },
    { name: "repeat", value: "N", help: "run the plan N times and tell how often it does not pass (flake rate)" },
    { name: "resume", help: "with --repeat: runs of the same plan and environment on record count towards N" },
    HELP,
  ],
  matrix: [
    {
      name: "set",
      value: "NAME|FILE",
      help: "cells to run: a set of scenarios/sets (default, flakes, ...) or a file like one; default by default",
    },
    { name: "only", value: "NAME,...", help: "only these cells or scenarios of the set" },
    { name: "rate", value: "RPS|max", help: "requests per second of every run" },
    { name: "out", value: "DIR", help: "the matrix's folder, empty or new; default results/matrix-TIME" },
    { name: "resume", help: "go on with the matrix in --out, or the latest one: what has no verdict is run" },
    {
      name: "again",
      value: "NAME,...",
      help: "with --resume: invalid runs of these cells or scenarios are made again",
    },
    RESULTS,
    { name: "list", help: "print the sets and their cells, or those of --set, do nothing" },
    { name: "dry-run", help: "print the plans of what would be run, do nothing" },
    { name: "json", help: "print matrix.json on stdout, and nothing else" },
    { name: "keep", help: "leave the application of the last run in place" },
    { name: "accept", value: "known", help: "exit 0, not 3, when only declared upstream defects were found" },
    HELP,
  ],
  prove: [
    { name: "only", value: "NAME,...", help: "only these proofs; --list names them all" },
    {
      name: "group",
      value: PROOF_GROUPS.join("|"),
      help: "only proofs that hurt clients, that make the operator misbehave, or that spoil the evidence",
    },
    { name: "out", value: "DIR", help: "the folder of the proofs, empty or new; default results/prove-TIME" },
    RESUME,
    RESULTS,
    {
      name: "smallest",
      help: "run nothing: find the smallest size at which each sabotage is still caught, on derived recordings; tables have it from then on",
    },
    { name: "list", help: "print the proofs by group, each with what is done, do nothing" },
    { name: "dry-run", help: "print the plans of what would be run, do nothing" },
    { name: "json", help: "print prove.json on stdout, and nothing else; with --smallest, smallest.json" },
    HELP,
  ],
  fire: [
    { name: "kills", value: "N", help: "how often the runner is killed, 50 by default; 0 for the troubles alone" },
    { name: "seed", value: "S", help: "a whole number by which the moments are drawn, 1 by default" },
    { name: "only", value: "NAME,...", help: "only these phases, kills or troubles, and the clean run at the end" },
    { name: "out", value: "DIR", help: "the folder of the runs, empty or new; default results/fire-TIME" },
    RESUME,
    RESULTS,
    { name: "list", help: "print the moments by phase, and the troubles, do nothing" },
    { name: "json", help: "print fire.json on stdout, and nothing else" },
    HELP,
  ],
  analyze: [
    {
      name: "out",
      value: "DIR",
      help: "write run.json, junit.xml, summary.md and report.html there, into an empty or new folder",
    },
    { name: "json", help: "print run.json on stdout, and nothing else" },
    HELP,
  ],
  report: [
    { name: "out", value: "FILE", help: "write the page there; by default report.html in the recording's folder" },
    HELP,
  ],
  compare: [{ name: "json", help: "print the comparison as JSON on stdout, and nothing else" }, HELP],
  history: [
    { name: "json", help: "print the groups, medians and regressions as JSON on stdout, and nothing else" },
    { name: "fail-on-regression", help: "exit 1 when the latest run of a group is named a regression" },
    HELP,
  ],
  cluster: [
    { name: "target", value: "embedded|kind", help: "the cluster that is meant, embedded by default" },
    { name: "context", value: "NAME", help: "with remove-platform: the cluster of that context of the kubeconfig" },
    { name: "config", value: "FILE", help: "with up --target kind: images and deadlines" },
    { name: "dry-run", help: "with remove-platform: print what would be removed, do nothing" },
    HELP,
  ],
  doctor: [
    {
      name: "context",
      value: "NAME",
      help: "context of the kubeconfig; without it the embedded cluster, which must be up",
    },
    { name: "config", value: "FILE", help: "the configuration of the runs to come: gatewayClass and images.k6 count" },
    { name: "json", help: "print what was found as JSON on stdout, and nothing else" },
    HELP,
  ],
};

export const CLUSTER_ACTIONS = {
  check: "list every prerequisite with its state; exits non-zero when one is missing",
  up: "build what is missing, start the cluster, wait until its platform is Ready",
  down: "stop the cluster and leave nothing of it behind",
  status: "say what runs, since when, and where the kubeconfig is",
  reset: "down, and remove the cluster's state; what was built stays",
  "remove-platform": "remove what --install-platform has installed on the cluster of --context NAME",
} as const;

export type ClusterAction = keyof typeof CLUSTER_ACTIONS;
