/**
 * For tests only: which commands of the documentation are typed by test/doc-commands.test.ts itself, which by another test, and which by nobody. A command
 * is covered when each of its options is among those of a line here with the same subject (`shapeOf`): values differ, and not all options come at once.
 */
import { zerodropOf, type Shape } from "./doc-commands.ts";

/** Who else really runs a command. */
export interface RunElsewhere extends Shape {
  /** A test, or what CI goes by. */
  readonly file: string;
  /** What stands there and starts it. Options stand in the same file, as `"--option"`. */
  readonly says: string;
}

const RUNS = "test/cluster/runs.test.ts";
const FOREIGN = "test/cluster/foreign.test.ts";
const INSTALL = "test/cluster/install-platform.test.ts";
const DOCUMENTED = "test/cluster/documented.test.ts";
const CHORES = "test/docs/chores.test.ts";
const INSTALLED = "test/pack/installed.ts";
const FRONT = "test/cluster/behind-https.test.ts";
const CERTIFICATE = "examples/behind-https/certificate.sh";
const CI = ".ci/run";

const at = (file: string, subject: string, options: readonly string[], says: string): RunElsewhere => ({
  ...{ subject, options, file, says },
});

export const RUN_ELSEWHERE: readonly RunElsewhere[] = [
  at(
    RUNS,
    "load",
    ["strategy", "scenario", "rate", "out", "json"],
    'zerodrop("load", ...flags, ...RATE, "--out", out,',
  ),
  at(
    FOREIGN,
    "load",
    ["context", "config", "strategy", "rate", "out"],
    'zerodropIn(env, "load", ...named, "--strategy"',
  ),
  at(
    "test/job/main-job.test.ts",
    "load",
    ["strategy", "accept"],
    'zerodrop("load", "--strategy", "aggressive", "--acc',
  ),
  at(INSTALL, "load", ["install-platform", "dry-run"], '"load", ...named, "--install-platform", "--dry-run"'),
  at(
    INSTALL,
    "load",
    ["context", "config", "install-platform"],
    '["load", ...named, "--install-platform", "--strategy"',
  ),
  at(INSTALL, "cluster remove-platform", ["context", "dry-run"], '["cluster", "remove-platform", "--context"'),
  at("test/cluster/examples.test.ts", "load of an example", [], 'zerodrop("load", ...loadArgumentsIn(readme)'),
  at(DOCUMENTED, "load", ["config", "clients", "parallelism", "out-k6"], 'ran("load", "--config", config, "--clients"'),
  at(DOCUMENTED, "load", ["scenario", "repeat"], 'ran("load", ...twice)'),
  at(DOCUMENTED, "load", ["repeat", "resume"], 'ran("load", ...twice, "--resume")'),
  at(DOCUMENTED, "matrix", ["set", "only", "results"], 'ran("matrix", "--set"'),
  at(DOCUMENTED, "matrix", ["resume", "results"], 'ran("matrix", "--resume"'),
  at(DOCUMENTED, "prove", ["only", "group", "results"], 'ran("prove", "--group"'),
  at(DOCUMENTED, "prove", ["resume", "results"], 'ran("prove", "--resume"'),
  at(DOCUMENTED, "fire", ["kills", "only", "results"], 'ran("fire", "--kills"'),
  at(DOCUMENTED, "fire", ["resume", "results"], 'ran("fire", "--resume"'),
  at(RUNS, "cluster up", [], 'zerodrop("cluster", "up")'),
  at(RUNS, "cluster down", [], 'zerodrop("cluster", "down")'),
  at(DOCUMENTED, "cluster reset", [], 'ran("cluster", "reset")'),
  at(DOCUMENTED, "npm run bench", ["target", "rounds", "seconds"], '"bench", "--", "--target", "chain"'),
  at(CHORES, "npm run bench", ["rounds", "seconds", "turns", "write"], '"bench", "--", "--rounds"'),
  at(CHORES, "npm run bench:judge", [], '"bench:judge"'),
  at(CHORES, "npm run images", ["out"], '"images", "--", "--out"'),
  at(CHORES, "npm run format:fix", [], '"format:fix"'),
  at(CHORES, "npm run mutants", [], '"mutants", "--", "orchestrator/'),
  at("test/report/picture.test.ts", "npm run picture", [], '["npm", "run", "picture"]'),
  at(INSTALLED, "npm install", ["no-save"], '"--no-save", tarball'),
  at(INSTALLED, "npm install", ["save-dev"], '"--save-dev", tarball'),
  at(INSTALLED, "npm pack", ["pack-destination"], '"pack", "--json", "--pack-destination"'),
  at(CI, "npm ci", [], "\nnpm ci\n"),
  at(CI, "npm test", [], "\nnpm test\n"),
  at("package.json", "npm run test:unit", [], '"test": "npm run --silent check && npm run --silent test:unit"'),
  ...["pack", "report", "docs", "cluster"].map((name) =>
    at(CI, `npm run test:${name}`, [], `\nnpm run test:${name}\n`),
  ),
  // By npm run verify -- --only reference, which is typed here.
  ...["schema", "scenarios"].map((name) =>
    at("scripts/verify/steps.ts", `npm run ${name}`, [], 'for (const script of ["schema", "scenarios"]) await run('),
  ),
  ...["job", "examples", "release"].map((name) =>
    at("scripts/verify/steps.ts", `npm run test:${name}`, [], `script("${name}", "test:${name}"`),
  ),
  at(FRONT, `sh ${CERTIFICATE}`, [], `"sh", ["${CERTIFICATE}"]`),
  at(DOCUMENTED, "kubectl apply", ["f"], '"apply", "-f", "manifests/rbac/runner.yaml"'),
  at(DOCUMENTED, "kubectl create", ["clusterrole", "serviceaccount"], '"create", "clusterrolebinding"'),
];

/** Commands that no test runs, and what is in the way. */
export const RUN_BY_NOBODY: Readonly<Record<string, string>> = {
  "docker build":
    "needs Docker and a registry; test/runner-image.test.ts reads the Containerfile and runs its entrypoint",
  "docker push": "needs a registry",
  "docker pull": "needs Docker",
  "kind load": "needs kind and Docker",
  "load on kind": "needs kind and Docker; test/doc-commands.test.ts makes its plan, and nobody the run",
  "cluster up on kind":
    "needs kind and Docker; orchestrator/target/kind/kind.test.ts makes a cluster with stand-ins for the two",
  "cluster down on kind": "as cluster up on kind; orchestrator/cli/cluster-kind.test.ts does it with stand-ins",
  "podman build": "as docker build",
  "buildah bud": "as docker build",
  "skopeo copy": "needs a registry; npm run images prints the same command",
  "go version": "says where a figure is from; npm run licenses reads the same from the files",
  wrk: "says how a figure was measured; npm run bench runs wrk with a script of its own",
  "git fetch": "is about the project's own repository",
  "git tag": "is a release",
  "kubectl logs": "needs the runner's Job on a cluster, with an image of it",
  "kubectl wait": "as kubectl logs",
  "kubectl get": "as kubectl logs, shows what is on a cluster of kind's, or is one step of a finding's reproduction",
  "kubectl cp": "as kubectl logs",
  "kubectl delete": "as kubectl logs, or is one step of a finding's reproduction",
  "kubectl rollout": "names what a fault does; test/cluster/faults.test.ts does it by the API",
};

const CHEAP_FLAGS = ["help", "version", "list", "dry-run", "smallest"];
const CHEAP_COMMANDS = [
  "analyze",
  "report",
  "compare",
  "history",
  "cluster check",
  "cluster status",
  "cluster status on kind",
  "--help",
  "--version",
];

/** Chores that write into the checkout: one after another, in the copy of it. `npm version` is the last. */
const WRITING = ["reference", "check-pictures", "judge:again", "recordings:keep"];
const LAST = ["npm install-scripts", "npm version"];

/** How the test of the documentation types a command itself: beside others, after them, or not at all. */
export function typedHere(
  words: readonly string[],
  { subject, options }: Shape,
): "beside" | "alone" | "last" | undefined {
  if (zerodropOf(words) !== undefined) {
    const cheap =
      CHEAP_COMMANDS.includes(subject) ||
      (subject === "doctor" && options.includes("context")) ||
      // With a context these ask its cluster.
      (!options.includes("context") && options.some((option) => CHEAP_FLAGS.includes(option)));
    return cheap ? "beside" : undefined;
  }
  const script = /^npm run (.*)$/.exec(subject)?.[1] ?? "";
  if (WRITING.includes(script) || (script === "mutants" && options.includes("page"))) return "alone";
  if (script === "verify" && options.includes("only")) return "alone";
  if (script === "licenses" || options.includes("help") || options.includes("list")) return "beside";
  return LAST.includes(subject) ? "last" : undefined;
}

/** The exit codes that the pages promise of what is typed here, on a machine without a cluster. */
export function promisedCodes({ subject }: Shape): readonly number[] {
  // docs/your-cluster.md: 69 where anything is missing; the cluster of the kubeconfig does not answer.
  if (subject === "doctor") return [69];
  // README.md, docs/reference.md and docs/kind.md: 69 where a prerequisite is missing, or no cluster runs.
  if (/^cluster (?:check|status)/.test(subject)) return [0, 69];
  return [0];
}
