/** For tests only: configuration files that describe no run. */
import type { BadInput } from "./bad-inputs.ts";

/** Each: a file's text, and what must be said of it. */
const ROWS: readonly (readonly [text: string, ...BadInput["says"]])[] = [
  ["load: {rate: 1", /run.yaml/, /YAML or JSON/, /neither/],
  ["profile: small\nprofile: standard", /run.yaml/, /YAML or JSON/, /unique/],
  ["strategy: &a [*a]", /run.yaml/, /at most 50 levels deep/, /holds itself/],
  [`strategy: ${"[".repeat(60)}${"]".repeat(60)}`, /run.yaml/, /at most 50 levels deep/, /deeper/],
  ["- load", /run.yaml/, /a group of keys/, /\["load"\]/],
  ["\u0000", /run.yaml/, /YAML or JSON|group of keys/, /received/],
  ["just text", /run.yaml/, /a group of keys/, /"just text"/],
  ["stategy: aggressive", /"stategy"/, /nearest is strategy/, /not a configuration key/],
  ["rate: 5", /"rate"/, /nearest is load.rate/, /not a configuration key/],
  ["deadlines: {warmUp: 5}", /"deadlines.warmUp"/, /nearest is warmUp.deadline/, /not a configuration key/],
  ["__proto__: {rate: 5}", /"__proto__"/, /nearest is [a-z]+\./i, /not a configuration key/],
  ["load: 400", /load/, /a group of keys/, /received 400/],
  ["load: {rate: fast}", /load.rate/, /whole number of requests per second/, /"fast"/],
  ["load: {rate: 1.5}", /load.rate/, /whole number/, /received 1.5/],
  ["load: {clients: steady}", /load.clients/, /list of kinds of clients/, /"steady"/],
  ["load: {clients: [lnog]}", /load.clients/, /nearest is long/, /"lnog"/],
  ["load: {vus: 99999}", /load.vus/, /from 1 to 10000/, /99999/],
  ["load: {requestTimeout: 0}", /load.requestTimeout/, /above 0/, /received 0/],
  ["load: {grace: -1}", /load.grace/, /from 0 to 3600/, /received -1/],
  ["warmUp: {seconds: '15'}", /warmUp.seconds/, /whole number of seconds/, /"15"/],
  ["deadlines: {factor: 0}", /deadlines.factor/, /above 0/, /received 0/],
  ["deadlines: {converged: .nan}", /deadlines.converged/, /number of seconds/, /received NaN/],
  ["latencyBudget: 0.5", /latencyBudget/, /at least 1/, /received 0.5/],
  ["strategy: agressive", /strategy/, /nearest is aggressive/, /"agressive"/],
  ["strategy: |\n  two\n  lines\n", /strategy/, /text/, /two/],
  ["scenario: rolback", /run.yaml: scenario/, /nearest is rollback/, /"rolback"/],
  ["scenario: rollback\nstrategy: blue-green", /rollback/, /30 to 70 %/, /0, 100 %/],
  ["target: context", /run.yaml: target context/, /needs --context NAME/, /"context" without a name/],
  ["target: minikube", /target/, /embedded or context or kind/, /"minikube"/],
  ["target: kind\ngatewayClass: eg", /gatewayClass/, /must be zerodrop/, /"eg"/],
  ["profile: tiny", /profile/, /small or standard/, /"tiny"/],
  ["serveIngress: nginx", /serveIngress/, /haproxy or proxy/, /"nginx"/],
  ["versions: {ray: 2.60}", /versions.ray/, /text in quotes/, /received 2.6/],
  ["versions: {rya: '2.60.0'}", /"versions.rya"/, /nearest is versions.ray/, /not a configuration key/],
  ["versions: {kuberay: '1.4.0'}", /versions.kuberay/, /must be 1.6.2/, /"1.4.0"/],
  ["images: {ray: 'a b'}", /images.ray/, /an image reference/, /"a b"/],
];

export const BAD_CONFIGURATIONS: readonly BadInput[] = ROWS.map(([text, ...says]) => ({
  argv: "load --config run.yaml",
  files: { "run.yaml": text },
  says,
}));
