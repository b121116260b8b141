/** What a scenario is told by its environment (`__ENV`). The orchestrator's load/job.ts writes it. */
export interface Settings {
  /** Whole URL of the request. */
  readonly url: string;
  /** Host header, by which the gateway knows the route; empty for the URL's own. */
  readonly host: string;
  /** Kind of client, as the ledger's rows name it. */
  readonly client: string;
  /** Requests per second of the open model; null for the closed one. */
  readonly rate: number | null;
  /** VUs of the closed model; VUs the open one may have waiting at a time. */
  readonly vus: number;
  /** Bound of the whole test, in s. A run stops it long before. */
  readonly durationSeconds: number;
  /** Deadline of a request, in ms. */
  readonly requestTimeoutMs: number;
  /** Versions that may answer; each of them must have answered at the end. */
  readonly versions: readonly string[];
}

/** A version or client that can stand in a tag and in a threshold's `{version:...}` as it is. */
const PLAIN_WORD = /^[A-Za-z0-9._-]+$/;

/**
 * Settings from an environment. Throws on whatever is missing or makes no sense, in k6's init context, so that k6 ends
 * before its first request and says why.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const text = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === "") throw new Error(`${name} is not set`);
    return value;
  };
  const number = (name: string, least: number): number => {
    const value = Number(text(name));
    if (!Number.isFinite(value) || value < least)
      throw new Error(`${name} must be a number of at least ${String(least)}`);
    return value;
  };
  const whole = (name: string): number => {
    const value = number(name, 1);
    if (!Number.isInteger(value)) throw new Error(`${name} must be a whole number`);
    return value;
  };
  const word = (name: string, value: string): string => {
    if (!PLAIN_WORD.test(value))
      throw new Error(`${name}: "${value}" has characters other than letters, digits, . _ -`);
    return value;
  };
  const model = text("ZERODROP_MODEL");
  if (model !== "open" && model !== "closed") throw new Error(`ZERODROP_MODEL must be open or closed, not "${model}"`);
  return {
    url: text("ZERODROP_TARGET").replace(/\/+$/, "") + (env["ZERODROP_PATH"] ?? "/"),
    host: env["ZERODROP_HOST"] ?? "",
    client: word("ZERODROP_CLIENT", text("ZERODROP_CLIENT")),
    rate: model === "open" ? number("ZERODROP_RATE", Number.MIN_VALUE) : null,
    vus: whole("ZERODROP_VUS"),
    durationSeconds: whole("ZERODROP_DURATION_SECONDS"),
    requestTimeoutMs: whole("ZERODROP_REQUEST_TIMEOUT_MS"),
    versions: text("ZERODROP_VERSIONS")
      .split(",")
      .map((version) => word("ZERODROP_VERSIONS", version)),
  };
}
