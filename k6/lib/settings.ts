import { fieldsOf, parsed, text, type Environment } from "./read.ts";
import { readHosts, readRequests, readTells, type OwnRequest, type Tells } from "./service-settings.ts";

/** What a load is told by its environment (`__ENV`). The orchestrator's load/job.ts writes it. */
export interface Settings {
  /** Scheme, host, port and base path of the application, without a slash at its end. */
  readonly baseUrl: string;
  /** Paths below baseUrl that are asked for in turn, each without a slash at its end: "" for the application at "/". */
  readonly routes: readonly string[];
  /** Host header, by which the gateway knows the route; empty for the URL's own. */
  readonly host: string;
  /** The kinds of clients, each at most once. */
  readonly clients: readonly ClientSettings[];
  /** Bound of the whole test, in s. A run stops it long before. */
  readonly durationSeconds: number;
  /** Versions that may answer; each of them must have answered at the end. */
  readonly versions: readonly string[];
  /** k6 pods that make up the load, and which of them this is, from 0. */
  readonly parallelism: number;
  readonly podIndex: number;
  /** How answers tell who gave them; undefined for zerodrop's own application. */
  readonly tells: Tells | undefined;
  /** What kinds of clients of the user's ask for; none for zerodrop's own. */
  readonly requests: readonly OwnRequest[];
  /** Addresses of hosts that name resolution does not know; undefined where there are none. */
  readonly hosts: Readonly<Record<string, string>> | undefined;
}

/** One kind of client's part of the load, that of all pods together. */
export interface ClientSettings {
  /** Name of its file in k6/scenarios, or of the request that the user declared. */
  readonly client: string;
  /** Requests per second of the open model; null for the closed one. */
  readonly rate: number | null;
  /** Requests that an iteration sends at once. */
  readonly requestsPerIteration: number;
  /** VUs of the closed model; VUs the open one may have waiting at a time. */
  readonly vus: number;
  /** Deadline of a request, in ms. */
  readonly requestTimeoutMs: number;
}

/** A version or client that can stand in a tag and in a threshold's `{version:...}` as it is. */
const PLAIN_WORD = /^[A-Za-z0-9._-]+$/;

const PATH = /^\/[^?#]*$/;

/**
 * Settings from an environment. Throws on whatever is missing or makes no sense, in k6's init context, so that k6 ends
 * before its first request and says why.
 */
export function readSettings(env: Environment): Settings {
  const path = env["ZERODROP_PATH"] ?? "/";
  if (!PATH.test(path)) throw new Error(`ZERODROP_PATH must be a path without a query, not "${path}"`);
  const routes = env["ZERODROP_ROUTES"] === undefined ? [""] : readRoutes(env["ZERODROP_ROUTES"]);
  const parallelism = env["ZERODROP_PARALLELISM"] === undefined ? 1 : whole(env, "ZERODROP_PARALLELISM", 1);
  const podIndex = parallelism === 1 ? 0 : whole(env, "JOB_COMPLETION_INDEX", 0);
  if (podIndex >= parallelism)
    throw new Error(`JOB_COMPLETION_INDEX must be below ZERODROP_PARALLELISM, ${String(parallelism)}`);
  return {
    baseUrl: text(env, "ZERODROP_TARGET").replace(/\/+$/, "") + path.replace(/\/+$/, ""),
    routes,
    host: env["ZERODROP_HOST"] ?? "",
    clients: readClients(text(env, "ZERODROP_CLIENTS")),
    durationSeconds: whole(env, "ZERODROP_DURATION_SECONDS", 1),
    versions: text(env, "ZERODROP_VERSIONS")
      .split(",")
      .map((version) => word("ZERODROP_VERSIONS", version)),
    parallelism,
    podIndex,
    tells: readTells(env),
    requests: readRequests(env),
    hosts: readHosts(env),
  };
}

function whole(env: Environment, name: string, least: number): number {
  const value = Number(text(env, name));
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`${name} must be a whole number of at least ${String(least)}`);
  return value;
}

function word(name: string, value: string): string {
  if (!PLAIN_WORD.test(value)) throw new Error(`${name}: "${value}" has characters other than letters, digits, . _ -`);
  return value;
}

function readRoutes(json: string): string[] {
  const value = parsed("ZERODROP_ROUTES", json);
  if (!Array.isArray(value) || value.length === 0)
    throw new Error("ZERODROP_ROUTES must be an array of paths, with at least one");
  return value.map((route: unknown) => {
    if (typeof route !== "string" || !PATH.test(route))
      throw new Error(`ZERODROP_ROUTES must have paths without a query, not ${JSON.stringify(route)}`);
    return route.replace(/\/+$/, "");
  });
}

function readClients(json: string): ClientSettings[] {
  const value = parsed("ZERODROP_CLIENTS", json);
  if (!Array.isArray(value) || value.length === 0)
    throw new Error("ZERODROP_CLIENTS must be an array of kinds of clients, with at least one");
  const clients = value.map(readClient);
  for (const [index, { client }] of clients.entries()) {
    if (clients.findIndex((each) => each.client === client) < index)
      throw new Error(`ZERODROP_CLIENTS names ${client} twice`);
  }
  return clients;
}

function readClient(value: unknown, index: number): ClientSettings {
  const where = `ZERODROP_CLIENTS[${String(index)}]`;
  const fields = fieldsOf(where, value);
  const count = (name: string): number => {
    const found = fields[name];
    if (typeof found !== "number" || !Number.isSafeInteger(found) || found < 1)
      throw new Error(`${where}.${name} must be a whole number of at least 1`);
    return found;
  };
  const { client, model, rate, requestTimeoutMs } = fields;
  if (typeof client !== "string") throw new Error(`${where}.client must be text`);
  if (model !== "open" && model !== "closed") throw new Error(`${where}.model must be open or closed`);
  if (model === "closed" ? rate !== null : typeof rate !== "number" || !(rate > 0) || !Number.isFinite(rate))
    throw new Error(`${where}.rate must be ${model === "closed" ? "null" : "a number above 0"}, for it is ${model}`);
  if (typeof requestTimeoutMs !== "number" || !(requestTimeoutMs > 0) || !Number.isFinite(requestTimeoutMs))
    throw new Error(`${where}.requestTimeoutMs must be a number above 0`);
  return {
    client: word(`${where}.client`, client),
    rate: rate as number | null,
    requestsPerIteration: count("requestsPerIteration"),
    vus: count("vus"),
    requestTimeoutMs,
  };
}
