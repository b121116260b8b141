/** For tests only: scenarios, proofs and sets that are none, alone and with what else they name. */
import type { BadInput } from "./bad-inputs.ts";

type Says = BadInput["says"];

const SCENARIO = `description: An upgrade.
group: upgrade
steps:
  - do: upgrade
expect: { version: after, cluster: new }
`;

/** A line of the good scenario, what stands there instead, and what must be said of it. */
const SCENARIOS: readonly (readonly [line: string, by: string, ...Says])[] = [
  [SCENARIO, "- a list\n", /Scenario bad/, /expected/, /\["a list"\]/],
  [SCENARIO, "", /Scenario bad/, /expected/, /received/],
  ["description: An upgrade.", "description: [", /Scenario bad/, /YAML or JSON/, /neither/],
  ["description: An upgrade.", "description: &a [*a]", /Scenario bad/, /at most 50 levels deep/, /holds itself/],
  ["group: upgrade", "groop: upgrade", /Scenario bad/, /group/, /"groop"|undefined/],
  ["group: upgrade", "group: upgrade\ngruop: fault", /"gruop"/, /nearest is group/, /not a key/],
  ["group: upgrade", "group: upgrade\nrate: 0.5", /rate/, /expected int/, /received 0.5/],
  ["group: upgrade", "group: upgrade\nstrategy: quick", /strategy/, /aggressive/, /"quick"/],
  ["  - do: upgrade", "  - do: upgrad", /steps.0.do/, /upgrade/, /"upgrad"/],
  ["  - do: upgrade", "  - do: upgrade\n    whne: { seconds: 3 }", /"steps.0.whne"/, /key of a scenario/, /not a key/],
  ["  - do: upgrade", "  - do: upgrade\n    when: { traffic: [70, 30] }", /steps.0.when/, /Invalid input/, /70,30/],
  [
    "  - do: upgrade",
    "  - do: fault\n    fault: { kind: delete-pod, target: all }",
    /steps.0.fault.target/,
    /operator/,
    /"all"/,
  ],
  ["  - do: upgrade", "  - do: rollback", /steps.0 \(rollback\)/, /must follow an upgrade/, /received none/],
  ["version: after", "version: third", /expect/, /version after on the new RayCluster/, /version third/],
  [
    "group: upgrade",
    "group: upgrade\nwithout: { zero-failure: no }",
    /without/,
    /key of a scenario/,
    /"without.zero-failure"/,
  ],
  ["group: upgrade", "group: upgrade\nbudget: { failedRequests: -1 }", /budget.failedRequests/, />=0/, /received -1/],
];

/** What is changed of the application, and what must be said of it. */
const APPLICATIONS: readonly (readonly [application: string, ...Says])[] = [
  ["patch: [{ op: remove, path: /spec/rayClusterConfig }]", /variant's patch/, /everything that a run sets/, /spec/],
  ["patch: [{ op: remove, path: /spec/nothing }]", /variant's patch/, /fit manifests/, /nothing to remove/],
  ["patch: [{ op: replace, path: /spec/a~2b, value: 1 }]", /variant's patch/, /fit manifests/, /no JSON pointer/],
  ["patch: [{ op: add, path: /metadata/x, value: 1 }]", /patch.0.path/, /\/spec\//, /"\/metadata\/x"/],
  [
    "patch: [{ op: add, path: /spec/rayClusterConfig/gcsFaultToleranceOptions, value: { redisPassword: { value: 7 } } }]",
    /gcsFaultToleranceOptions/,
    /RayService/,
    /received/,
  ],
  [
    "patch: [{ op: add, path: /spec/rayClusterConfig/gcsFaultToleranceOptions, value: 7 }]",
    /gcsFaultToleranceOptions/,
    /RayService/,
    /received/,
  ],
  ["manifests: nowhere.manifests.yaml", /Scenario bad/, /the file "nowhere.manifests.yaml"/, /ENOENT/],
  ["manifests: ../versions.json", /Scenario bad/, /\*.manifests.yaml/, /"..\/versions.json"/],
  ["manifests: broken.manifests.yaml", /Object 1 of the variant's manifests/, /must be YAML/, /text that is not/],
  ["manifests: pod.manifests.yaml", /Object 1/, /a ConfigMap, Deployment, Secret or Service/, /kind is wrong/],
  ["manifests: nameless.manifests.yaml", /Object 1/, /ConfigMap/, /metadata.name is wrong/],
  ["manifests: secret.manifests.yaml", /Object 1/, /ConfigMap/, /stringData.a is wrong/],
  ["manifests: alias.manifests.yaml", /Object 1/, /must be YAML/, /nowhere/],
  ["serveConfig: broken.serve-config.yaml", /serve config/, /must be YAML/, /received one that is not/],
  ["serveConfig: empty.serve-config.yaml", /serve config/, /must be YAML/, /applications/],
  ["serveConfig: alias.serve-config.yaml", /serve config/, /must be YAML/, /received/],
];
const BESIDE = {
  "scenarios/broken.manifests.yaml": "kind: [\n",
  "scenarios/pod.manifests.yaml": "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n",
  "scenarios/nameless.manifests.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {}\n",
  "scenarios/secret.manifests.yaml":
    "apiVersion: v1\nkind: Secret\nmetadata: { name: a, annotations: { zerodrop.dev/generate: key } }\nstringData: { a: 1 }\n",
  "scenarios/alias.manifests.yaml": "kind: *nowhere\n",
  "scenarios/broken.serve-config.yaml": "applications: [\n",
  "scenarios/empty.serve-config.yaml": "applications: []\n",
  "scenarios/alias.serve-config.yaml": "applications: *nowhere\n",
};

/** What a step changes of the application, and what must be said of it. */
const STEPS: readonly (readonly [step: string, ...Says])[] = [
  ["patch: [{ op: remove, path: /spec/nothing }]", /A step's patch/, /must fit the RayService/, /nothing to remove/],
  ["patch: [{ op: remove, path: /spec/rayClusterConfig }]", /RayService/, /rayClusterConfig/, /received/],
  ["patch: [{ op: replace, path: /spec/rayClusterConfig, value: 7 }]", /RayService/, /rayClusterConfig/, /received/],
];

const PROOF = `description: A step is left out.
group: operator
sabotage: { kind: operator-mutant, mutant: skip-step }
expect: { verdict: fail, fails: [step-sequence] }
`;

const PROOFS: readonly (readonly [line: string, by: string, ...Says])[] = [
  [PROOF, "just text\n", /Proof bad/, /expected/, /"just text"/],
  ["description: A step is left out.", "description: {", /Proof bad/, /YAML or JSON/, /neither/],
  ["group: operator", "group: operators", /Proof bad: group/, /"clients"\|"operator"/, /"operators"/],
  ["group: operator", "group: operator\nexpct: 3", /"expct"/, /nearest is expect/, /not a key/],
  ["mutant: skip-step", "mutant: Skip Step", /sabotage.mutant/, /must match/, /"Skip Step"/],
  ["group: operator", "group: operator\nscenario: upgrad", /scenario/, /nearest is upgrade/, /"upgrad"/],
  ["group: operator", "group: operator\nrate: 5000", /rate/, /<=2000/, /received 5000/],
  ["fails: [step-sequence]", "fails: [step-sequences]", /expect.fails.0/, /"step-sequence"/, /"step-sequences"/],
  ["verdict: fail, ", "verdict: pass, ", /expect.fails/, /where the verdict is fail/, /verdict pass/],
  ["kind: operator-mutant, mutant: skip-step", "kind: ledger-shifted, seconds: 0", /sabotage.seconds/, /not 0/, /0/],
];

const SETS: readonly (readonly [text: string, ...Says])[] = [
  ["", /mine.yaml/, /one key, cells/, /received ""/],
  ["cells: []", /mine.yaml/, /at least one cell/, /"cells: \[\]"/],
  ["cells: [", /mine.yaml/, /YAML or JSON/, /neither/],
  ["cells: [upgrade]", /mine.yaml: cell 1/, /a group of keys/, /"upgrade"/],
  ["cells: [{ scenario: upgrad }]", /mine.yaml: cell 1/, /nearest is upgrade/, /"upgrad"/],
  ["cells: [{ scenario: upgrade, repeats: 2 }]", /mine.yaml: cell 1/, /nearest is repeat/, /"repeats"/],
  ["cells: [{ scenario: upgrade, repeat: 0 }]", /repeat/, /from 1 to 1000/, /received 0/],
  ["cells: [{ scenario: upgrade }, { scenario: upgrade }]", /cell 2/, /must differ/, /the same as cell 1/],
  ["cells: [{ scenario: rollback, strategy: blue-green }]", /Scenario rollback/, /30 to 70 %/, /blue-green/],
  ["cells: [{ scenario: upgrade, strategy: 1/1 }]", /strategy/, /STEP\/INTERVAL\/SURGE/, /"1\/1"/],
  ["cells: [{ scenario: &a [*a] }]", /mine.yaml/, /at most 50 levels deep/, /holds itself/],
];

const scenario = (text: string): Pick<BadInput, "argv" | "records"> => ({
  argv: "load --scenario bad",
  records: { ...BESIDE, "scenarios/bad.yaml": text },
});

export const BAD_RECORDS: readonly BadInput[] = [
  ...SCENARIOS.map(([line, by, ...says]) => ({ ...scenario(SCENARIO.replace(line, by)), says })),
  ...APPLICATIONS.map(([application, ...says]) => ({
    ...scenario(`${SCENARIO}application: { ${application} }\n`),
    says,
  })),
  ...STEPS.map(([step, ...says]) => ({
    ...scenario(SCENARIO.replace("- do: upgrade", `- { do: upgrade, ${step} }`)),
    says,
  })),
  ...PROOFS.map(([line, by, ...says]) => ({
    argv: "prove --only bad",
    records: { "proofs/bad.yaml": PROOF.replace(line, by) },
    says,
  })),
  ...SETS.map(([text, ...says]) => ({ argv: "matrix --set mine.yaml", files: { "mine.yaml": text }, says })),
];
