import { UsageError } from "./errors.ts";
import { nearestIs } from "./nearest.ts";

/**
 * Outputs of k6 2.2 (its internal/cmd/outputs.go) that carry samples out of the load's pods, each with what its variables begin with.
 * Those that write a file (json, csv) are not among them: it would be gone with the pod.
 */
const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  cloud: ["K6_CLOUD_", "K6_CLOUDRUN_"],
  "experimental-prometheus-rw": ["K6_PROMETHEUS_RW_"],
  influxdb: ["K6_INFLUXDB_"],
  opentelemetry: ["K6_OTEL_", "OTEL_"],
  "experimental-opentelemetry": ["K6_OTEL_", "OTEL_"],
};

/** Outputs that k6 knows, or knew, and that do not fit here, with the reason. */
const UNFIT: Readonly<Record<string, string>> = {
  json: "writes a file that would be gone with the load's pod",
  csv: "writes a file that would be gone with the load's pod",
  "web-dashboard": "is always on, and its report lies in the run's folder",
  ledger: "is what zerodrop itself reads, and always on",
  statsd: "was taken out of k6",
  datadog: "was taken out of k6",
  kafka: "was taken out of k6",
};

/** Further outputs of a load. */
export interface K6Outputs {
  /** Their names alone, which may stand anywhere. */
  readonly names: readonly string[];
  /**
   * Variables of the k6 container, of which any may be secret: each output's whole text under `outputVariable(index)`, and what it
   * reads from the environment under its own name.
   */
  readonly secretData: Readonly<Record<string, string>>;
}

/** The variable in which the k6 container finds the text of its output number `index`, from 0. */
export function outputVariable(index: number): string {
  return `ZERODROP_OUT_K6_${String(index)}`;
}

/**
 * Reads `--out-k6` values, each as k6's own --out takes it (`NAME` or `NAME=ARGUMENT`), and takes from `env` what those outputs read.
 *
 * @throws UsageError on a name that is no output that fits. It never repeats an argument, which may hold a password.
 */
export function outputsOf(values: readonly string[], env: Readonly<Record<string, string | undefined>>): K6Outputs {
  const names = values.map(nameOf);
  const secretData: Record<string, string> = {};
  for (const [index, value] of values.entries()) secretData[outputVariable(index)] = value;
  const prefixes = names.flatMap((name) => PREFIXES[name] ?? []);
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && prefixes.some((prefix) => name.startsWith(prefix))) secretData[name] = value;
  }
  return { names, secretData };
}

function nameOf(value: string): string {
  const [name = ""] = value.split("=", 1);
  if (Object.hasOwn(PREFIXES, name)) return name;
  const expected = `--out-k6 must be an output of k6 (${Object.keys(PREFIXES).join(", ")}), with = and its argument or without`;
  const reason = Object.hasOwn(UNFIT, name) ? UNFIT[name] : undefined;
  if (reason !== undefined) throw new UsageError(`${expected}; received "${name}", which ${reason}.`);
  throw new UsageError(`${expected}; received "${name}", ${nearestIs(name, Object.keys(PREFIXES))}.`);
}

/** Names of variables whose value is secret however short it is. */
const SECRET_NAME = /TOKEN|PASSWORD|PASSWD|SECRET|KEY|HEADER|USER/i;
/** What says nothing about anyone, and would riddle a log with holes: switches, numbers, durations. */
const PLAIN = /^(true|false|[\d.]+(ns|us|µs|ms|s|m|h)?)$/i;
/** Shorter texts stand in a log for much else. */
const LEAST_LENGTH = 5;
const REDACTED = "***";

/**
 * Every text of the outputs that must not be seen in a log or a file: values of variables, arguments, and what can be secret within
 * them (a URL's user and password, a header's value). Longest first.
 */
export function secretsOf({ names, secretData }: K6Outputs): string[] {
  const secrets = new Set<string>();
  const outputs = new Map(names.map((name, index) => [outputVariable(index), name]));
  const add = (text: string, always: boolean): void => {
    // A password may well be a number; a switch is one of two and tells nothing.
    if (text !== "" && (!PLAIN.test(text) || (always && /\d{4}/.test(text)))) secrets.add(text);
  };
  for (const [variable, value] of Object.entries(secretData)) {
    const output = outputs.get(variable);
    const text = output === undefined ? value : value.slice(output.length + 1);
    const always = output === undefined && SECRET_NAME.test(variable);
    if (always || text.length >= LEAST_LENGTH) add(text, always);
    for (const part of userInfo(text)) add(part, true);
    for (const part of always ? headerValues(text) : []) add(part, true);
  }
  return [...secrets].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/** `text` with every secret as `***`. `secrets` as `secretsOf` orders them. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text);
}

/** User and password of a URL, together and each, as they stand there and as they are meant. They end at the last @ before the path, as for Go's net/url. */
function userInfo(text: string): string[] {
  const [, both] = /^[a-z][a-z0-9+.-]*:\/\/([^/]*)@/i.exec(text) ?? [];
  if (both === undefined) return [];
  const [, ...password] = both.split(":");
  const written = password.length === 0 ? [] : [both, password.join(":")];
  return [...written, ...written.map(decoded)];
}

/** Values of a list of headers, `Name:Value,Name=Value`, and what follows `Bearer` or the like in them. */
function headerValues(text: string): string[] {
  return text.split(",").flatMap((header) => {
    const value = header.replace(/^[^:=]*[:=]/, "").trim();
    return [value, value.replace(/^\S+\s+/, "")];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
