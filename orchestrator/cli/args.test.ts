import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { parseCommand, type Command } from "./args.ts";

const context = { kubeContexts: () => ({ source: "kubeconfig", names: ["minikube", "staging"] }) };
const parse = (line: string | readonly string[]): Command =>
  parseCommand(typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line, context);

/** Each: a command line, and what its one sentence must say (the nearest name, the received value, the range). */
const bad: readonly (readonly [line: string | readonly string[], ...says: string[]])[] = [
  ["", "received nothing", "load, matrix, prove, fire, analyze, report, compare, history, cluster, doctor or help"],
  ["lod", '"lod"', "nearest is load"],
  ["Load", '"Load"', "nearest is load"],
  [
    "--strategy aggressive",
    '"--strategy"',
    "load, matrix, prove, fire, analyze, report, compare, history, cluster, doctor or help",
  ],
  ["matrx", '"matrx"', "nearest is matrix"],
  ["prov", '"prov"', "nearest is prove"],
  ["doctor staging", '"staging"', "takes flags only", "--context NAME"],
  ["doctor --context stagin", '"stagin"', "minikube, staging"],
  ["doctr", '"doctr"', "nearest is doctor"],

  ["load --stratgey aggressive", '"--stratgey"', "nearest is --strategy"],
  ["load --strat aggressive", '"--strat"', "nearest is --strategy"],
  ["load --Rate 5", '"--Rate"', "nearest is --rate"],
  ["load --serve-ingres=proxy", '"--serve-ingres"', "nearest is --serve-ingress"],
  ["load --no-json", '"--no-json"', "nearest is --json"],
  ["load --dryrun", '"--dryrun"', "nearest is --dry-run"],
  ["load -r 5", '"-r"', "nearest is --rate"],
  ["load -json", '"-json"', "nearest is --json"],
  ["load ---json", '"---json"', "nearest is --json"],
  ["load --clients ws", '"ws"', "--clients must be kinds of clients", "nearest is"],
  ["load --clients stedy", '"stedy"', "nearest is steady"],
  ["load --clients steady,", '""', "--clients must be"],
  ["load --clients long,steady,long", '"long" twice'],
  ["load --clients steady --clients long", "--clients must be given once"],
  ["load --parallelism 0", '"0"', "from 1 to 32"],
  ["load --parallelism 33", '"33"', "from 1 to 32"],
  ["load --parallelism 1.5", '"1.5"', "a whole number of k6 pods"],
  ["load --out-k6", "--out-k6 needs a value", "received nothing"],
  ["load influxdb=http://user:hunter2@h/db", "load takes flags only", '"influxdb=http://***@h/db"'],
  ["load --json=http://user:hunter2@h/db", "--json is a switch", '"http://***@h/db"'],
  ["load --repeat 0", '"0"', "from 1 to 1000"],
  ["load --repeat 1001", '"1001"', "from 1 to 1000"],
  ["load --repeat ten", '"ten"', "a whole number of runs"],
  ["load --repeat", "--repeat needs a value", "received nothing"],
  ["load --resume", "--resume needs --repeat N", "--resume alone"],

  ["load aggressive", '"aggressive"', 'npm needs "--"'],
  ["load --json true", '"true"', "flags only"],
  ["load -- --json", '"--json"', "flags only"],
  ["load --json --json", "given once", '"--json"'],
  ["load --rate 5 --rate=6", "given once", '"--rate=6"'],
  ["load --rate 5 --rate 6", "given once", '"--rate 6"'],
  ["load --json=yes", "takes no value", '"yes"'],
  ["load --keep=", "takes no value", '""'],
  ["load --rate", "--rate needs a value", "received nothing"],
  ["load --rate --json", "--rate needs a value", '"--json"'],
  ["load --out=", "--out needs a value", '""'],
  [["load", "--config", ""], "--config needs a value", '""'],

  ["load --strategy agressive", '"agressive"', "nearest is aggressive"],
  ["load --strategy blue_green", '"blue_green"', "nearest is blue-green"],
  ["load --strategy Aggressive", '"Aggressive"', "nearest is aggressive"],
  ["load --strategy blue-green2", '"blue-green2"', "nearest is blue-green"],
  ["load --strategy 25", '"25"', "STEP/INTERVAL/SURGE"],
  ["load --strategy 25/2", '"25/2"', "STEP/INTERVAL/SURGE"],
  ["load --strategy 25/2/50/1", '"25/2/50/1"', "STEP/INTERVAL/SURGE"],
  ["load --strategy /", '"/"', "STEP/INTERVAL/SURGE"],
  ["load --strategy //", '""', '"//"', "STEP"],
  ["load --strategy 0/2/50", '"0"', "STEP", "from 1 to 100"],
  ["load --strategy 101/2/50", '"101"', "STEP", "from 1 to 100"],
  ["load --strategy -5/2/50", '"-5"', "STEP"],
  ["load --strategy 2.5/2/50", '"2.5"', "STEP"],
  ["load --strategy 1e1/2/50", '"1e1"', "STEP"],
  ["load --strategy x/2/50", '"x"', "STEP"],
  ["load --strategy 25/0/50", '"0"', "INTERVAL", "at least 1"],
  ["load --strategy 25/0.5/50", '"0.5"', "INTERVAL"],
  ["load --strategy 25/2s/50", '"2s"', "INTERVAL"],
  ["load --strategy 25/2147483648/50", '"2147483648"', "INTERVAL"],
  ["load --strategy 25/2/0", '"0"', "SURGE", "from 1 to 100"],
  ["load --strategy 25/2/150", '"150"', "SURGE", "from 1 to 100"],
  [["load", "--strategy", "25/2/ 50"], '" 50"', "SURGE"],

  ["load --rate 0", '"0"', "from 1 to"],
  ["load --rate -5", '"-5"', "from 1 to"],
  ["load --rate fast", '"fast"', "or max"],
  ["load --rate MAX", '"MAX"', "or max"],
  ["load --rate 4e2", '"4e2"', "whole number"],
  ["load --rate 0.5", '"0.5"', "whole number"],
  ["load --rate NaN", '"NaN"', "whole number"],
  ["load --rate Infinity", '"Infinity"', "whole number"],
  ["load --rate 99999999999999999999", '"99999999999999999999"', "from 1 to"],
  [["load", "--rate", " "], '" "', "whole number"],

  ["load --serve-ingress nginx", '"nginx"', "haproxy or proxy"],
  ["load --profile large", '"large"', "small or standard"],
  ["load --install-platform", "--install-platform needs --context NAME", "without it"],
  ["load --install-platform --target kind", "--install-platform needs --context NAME", "without it"],
  ["load --context staging --target kind", '"staging"', "--target kind"],
  ["load --target minikube", '"minikube"', "embedded"],
  ["load --target context", '"context"', "needs --context", "without a name"],
  ["load --context staging --target embedded", '"staging"', "--target embedded"],
  ["load --target context --context stagin", '"stagin"', "minikube, staging"],
  ["load --target context --context", "--context needs a value", "received nothing"],
  ["load --accept fail", '"fail"', "known"],
  ["load --accept", "--accept needs a value", "received nothing"],

  ["matrix default", '"default"', 'npm needs "--"'],
  ["matrix --only a,,b", '"a,,b"', "--only must be"],
  ["matrix --rate fast", '"fast"', "or max"],
  ["matrix --accept fail", '"fail"', "known"],
  ["matrix --strategy aggressive", '"--strategy"', "Unknown flag"],
  ["matrix --resum", '"--resum"', "nearest is --resume"],

  ["prove skip-step", '"skip-step"', 'npm needs "--"', "npm run prove -- --only NAME"],
  ["prove --only", "--only needs a value", "received nothing"],
  ["prove --only a,,b", '"a,,b"', "--only must be names of proofs"],
  [["prove", "--only", " "], '" "', "--only must be names of proofs"],
  ["prove --only a --only b", "given once", '"--only b"'],
  ["fire disk-full", '"disk-full"', 'npm needs "--"', "npm run fire -- --kills N"],
  ["fire --kills", "--kills needs a value", "received nothing"],
  ["fire --kills 1e3", '"1e3"', "--kills must be a whole number of kills from 0"],
  ["fire --seed x", '"x"', "--seed must be a whole number from 0"],
  ["fire --only a,,b", '"a,,b"', "--only must be names of phases, kills or troubles"],
  ["prove --group", "--group needs a value", "received nothing"],
  ["prove --group client", '"client"', "nearest is clients"],
  ["prove --group operator,evidence", '"operator,evidence"', "clients or operator or evidence"],
  ["prove --group Evidence", '"Evidence"', "nearest is evidence"],
  ["prove --out=", "--out needs a value", '""'],
  ["prove --results --json", "--results needs a value", '"--json"'],
  ["prove --resume=p", "takes no value", '"p"'],
  ["prove --resum", '"--resum"', "nearest is --resume"],
  ["prove --rate 100", '"--rate"', "Unknown flag"],
  ["prove --keep", '"--keep"', "Unknown flag"],
  ["prove --accept known", '"--accept"', "Unknown flag"],
  ["prove --json --json", "given once", '"--json"'],
  ["prove --dryrun", '"--dryrun"', "nearest is --dry-run"],
  ["prove -l", '"-l"', "nearest is"],
  ["prove --smallest --resume", "received it with --resume", "runs nothing"],
  ["prove --smallest=3", "takes no value", '"3"'],

  ["analyze", "npm run analyze -- DIR", "received nothing"],
  [["analyze", ""], "npm run analyze -- DIR", "received nothing"],
  ["analyze a b", '"b"', "one folder"],
  ["analyze a --keep", '"--keep"', "Unknown flag"],
  ["analyze a --jason", '"--jason"', "nearest is --json"],
  ["analyze a --out", "--out needs a value", "received nothing"],

  ["report", "npm run report -- DIR", "received nothing"],
  ["report a b", '"b"', "one folder"],
  ["report a --out", "--out needs a value", "received nothing"],
  ["report a --json", '"--json"', "Unknown flag"],

  ["compare", "npm run compare -- DIR DIR", "received nothing"],
  [["compare", ""], "npm run compare -- DIR DIR", "received nothing"],
  ["compare a", "npm run compare -- DIR DIR", '"a" alone'],
  [["compare", "a", ""], "npm run compare -- DIR DIR", '"a" alone'],
  ["compare a b c", "two folders", '"c"'],
  ["compare a b --out c", '"--out"', "Unknown flag"],

  ["history a b", '"b"', "one folder"],
  [["history", ""], "a folder of recordings", 'received ""'],
  ["history --fail-on-regresion", '"--fail-on-regresion"', "nearest is --fail-on-regression"],
  ["history --fail-on-regression=1", "--fail-on-regression is a switch", '"1"'],

  ["cluster", "check, up, down, status, reset, remove-platform", "received nothing"],
  ["cluster start", '"start"', "nearest is status"],
  ["cluster Up", '"Up"', "nearest is up"],
  ["cluster up down", '"down"', "one action"],
  ["cluster up --json", '"--json"', "Unknown flag"],
  ["cluster up --target context", '"context"', "--target must be embedded or kind"],
  ["cluster check --target kind", "--target kind goes with cluster up, down, status", "cluster check"],
  ["cluster remove-platform --target kind", "goes with cluster up, down, status", "cluster remove-platform"],
  ["cluster remove-platform", "needs --context NAME", "no context"],
  ["cluster remove-platform --context stagin", '"stagin"', "minikube, staging"],
  ["cluster down --context staging", '"staging"', "--context goes with cluster remove-platform"],
  ["cluster down --dry-run", "--dry-run goes with cluster remove-platform", "cluster down"],
  ["cluster up --config a.yaml", '"a.yaml"', "--config goes with cluster up --target kind"],
  ["cluster down --target kind --config a.yaml", '"a.yaml"', "cluster down --target kind"],
  ["cluster toString", '"toString"', "check, up, down"],
];

describe("bad command lines (defect: accepted, or refused without saying what was expected)", () => {
  for (const [line, ...says] of bad) {
    const shown = typeof line === "string" ? line : JSON.stringify(line);
    test(shown || "(nothing)", () => {
      assert.throws(
        () => parse(line),
        (error) => {
          assert.ok(error instanceof UsageError, String(error));
          assertOneSentence(error.message);
          for (const part of says) {
            assert.ok(error.message.includes(part), `expected ${part} in: ${error.message}`);
          }
          return true;
        },
      );
    });
  }

  test("the kubeconfig is read only when a context was named (defect: every run depends on a foreign file)", () => {
    const command = parseCommand(["load"], {
      kubeContexts: () => {
        throw new Error("asked");
      },
    });
    assert.equal(command.command, "load");
  });
});

describe("good command lines", () => {
  test("nothing asked leaves everything to the configuration (defect: a flag's default hides the file's value)", () => {
    assert.deepEqual(parse("load"), {
      command: "load",
      request: {},
      context: undefined,
      installPlatform: false,
      configFile: undefined,
      out: undefined,
      json: false,
      keep: false,
      dryRun: false,
      acceptKnown: false,
      outK6: [],
      repeat: undefined,
      resume: false,
    });
  });

  test("every flag arrives where it belongs, with = or a space", () => {
    const line =
      "load --strategy=10/5/20 --scenario upgrade --rate max --serve-ingress proxy --profile=standard " +
      "--target embedded --config c.yaml --out=o --json --keep --dry-run --accept known " +
      "--clients long,steady --parallelism 4 --out-k6 cloud --out-k6=influxdb=http://h/db --repeat 10 --resume";
    assert.deepEqual(parse(line), {
      command: "load",
      request: {
        strategy: { name: "10/5/20", stepSizePercent: 10, intervalSeconds: 5, maxSurgePercent: 20 },
        scenario: "upgrade",
        rate: "max",
        serveIngress: "proxy",
        profile: "standard",
        target: "embedded",
        clients: ["long", "steady"],
        parallelism: 4,
      },
      context: undefined,
      installPlatform: false,
      configFile: "c.yaml",
      out: "o",
      json: true,
      keep: true,
      dryRun: true,
      acceptKnown: true,
      outK6: ["cloud", "influxdb=http://h/db"],
      repeat: 10,
      resume: true,
    });
  });

  test("a context arrives with and without its target, and the doctor's", () => {
    for (const line of ["load --context staging", "load --target context --context staging"]) {
      const command = parse(line);
      assert.equal(command.command === "load" && command.context, "staging");
    }
    const doctor = parse("doctor --context=minikube --config c.yaml --json");
    assert.deepEqual(doctor, { command: "doctor", context: "minikube", configFile: "c.yaml", json: true });
    const embedded = parse("doctor");
    assert.deepEqual(embedded, { command: "doctor", context: undefined, configFile: undefined, json: false });
  });

  test("the ends of the operator's ranges are inside them (defect: off by one)", () => {
    for (const strategy of ["1/1/1", "100/2147483647/100"]) {
      const command = parse(["load", "--strategy", strategy]);
      assert.ok(command.command === "load");
      const { stepSizePercent, intervalSeconds, maxSurgePercent, name } = command.request.strategy ?? {};
      assert.equal([stepSizePercent, intervalSeconds, maxSurgePercent].join("/"), strategy);
      assert.equal(name, strategy);
    }
  });

  test("named strategies carry KubeRay's own numbers", () => {
    const command = parse("load --strategy conservative --rate 1");
    assert.ok(command.command === "load");
    assert.deepEqual(command.request, {
      strategy: { name: "conservative", stepSizePercent: 5, intervalSeconds: 10, maxSurgePercent: 25 },
      rate: 1,
    });
  });

  test("matrix: what is not asked is left to the set, or to the matrix that is resumed", () => {
    const nothing = { set: undefined, only: undefined, rate: undefined, out: undefined };
    const none = { again: undefined, results: undefined };
    const off = { resume: false, list: false, dryRun: false, json: false, keep: false, acceptKnown: false };
    assert.deepEqual(parse("matrix"), { command: "matrix", ...nothing, ...none, ...off });
    const line =
      "matrix --set s.yaml --only upgrade,in-place --rate max --out o --results r.md --again steady --resume --list --dry-run --json --keep --accept known";
    assert.deepEqual(parse(line), {
      ...{ command: "matrix", set: "s.yaml", only: ["upgrade", "in-place"], rate: "max", out: "o", results: "r.md" },
      ...{ again: ["steady"], resume: true, list: true, dryRun: true, json: true, keep: true, acceptKnown: true },
    });
  });

  test("prove: what is not asked is all proofs, or what was asked of the table that is resumed", () => {
    const nothing = { only: undefined, group: undefined, out: undefined, results: undefined };
    assert.deepEqual(parse("prove"), {
      ...{ command: "prove", ...nothing },
      ...{ resume: false, smallest: false, list: false, dryRun: false, json: false },
    });
    const line =
      "prove --only skip-step,stuck-at-half --group operator --out o --results r.md --resume --list --dry-run --json";
    assert.deepEqual(parse(line), {
      ...{ command: "prove", only: ["skip-step", "stuck-at-half"], group: "operator", out: "o", results: "r.md" },
      ...{ resume: true, smallest: false, list: true, dryRun: true, json: true },
    });
    assert.deepEqual(parse("prove --smallest --group clients"), {
      ...{ command: "prove", ...nothing, group: "clients" },
      ...{ resume: false, smallest: true, list: false, dryRun: false, json: false },
    });
  });

  test("analyze, report, compare, history and cluster", () => {
    assert.deepEqual(parse("analyze results/latest --json"), {
      command: "analyze",
      directory: "results/latest",
      out: undefined,
      json: true,
    });
    assert.deepEqual(parse(["analyze", "--out", "o", "--", "-odd-name"]), {
      command: "analyze",
      directory: "-odd-name",
      out: "o",
      json: false,
    });
    assert.deepEqual(parse("compare results/a results/b --json"), {
      command: "compare",
      directories: ["results/a", "results/b"],
      json: true,
    });
    const history = { command: "history", directory: undefined, json: false, failOnRegression: false };
    assert.deepEqual(parse("history"), history);
    assert.deepEqual(parse("history r --fail-on-regression --json"), {
      ...history,
      directory: "r",
      json: true,
      failOnRegression: true,
    });
    assert.deepEqual(parse("report r --out page.html"), { command: "report", directory: "r", out: "page.html" });
    const cluster = {
      ...{ command: "cluster", target: "embedded" },
      ...{ context: undefined, configFile: undefined, dryRun: false },
    };
    for (const action of ["check", "up", "down", "status", "reset"]) {
      assert.deepEqual(parse(`cluster ${action}`), { ...cluster, action });
    }
    assert.deepEqual(parse("cluster up --target kind --config c.yaml"), {
      ...{ ...cluster, action: "up", target: "kind", configFile: "c.yaml" },
    });
    assert.deepEqual(parse("cluster remove-platform --context staging --dry-run"), {
      ...{ ...cluster, action: "remove-platform", context: "staging", dryRun: true },
    });
    const load = parse("load --context staging --install-platform");
    assert.ok(load.command === "load" && load.installPlatform && load.context === "staging");
  });
});

describe("help", () => {
  const lines = [
    "--help",
    "-h",
    "help",
    "help load",
    "load --help",
    "load --bogus --help",
    "matrix --help",
    "prove -h",
    "analyze -h",
    "report --help",
    "compare --help",
    "history -h",
    "cluster up --help",
  ];
  for (const line of lines) {
    test(line, () => {
      const command = parse(line);
      assert.ok(command.command === "help");
      assert.match(command.text, /^Usage: npm run /);
      assert.match(command.text, /Exit codes:\n {4}0 [^]*\n {3}64 [^]*143/);
      assert.match(command.text, /Examples:/);
      for (const textLine of command.text.split("\n")) {
        assert.ok(textLine.length <= 100, `over 100 columns: ${textLine}`);
        assert.doesNotMatch(textLine, /\s$/);
      }
    });
  }

  test("a command's help is its own (defect: load --help shows the general page)", () => {
    for (const [line, flag] of [
      ["load --help", "--strategy"],
      ["matrix --help", "--only"],
      ["prove --help", "--group"],
      ["analyze --help", "DIR"],
      ["report --help", "report.html"],
      ["compare --help", "side by side"],
      ["history --help", "--fail-on-regression"],
      ["cluster --help", "reset"],
      ["help load", "--strategy"],
    ] as const) {
      const command = parse(line);
      assert.ok(command.command === "help" && command.text.includes(flag), line);
    }
  });
});
