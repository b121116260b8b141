/** What the environment says of a service of the user's: how it tells who answered, what is asked of it, and where it is. */
import { fieldsOf, filled, parsed, text, truth, type Environment } from "./read.ts";

/** Where an answer says something, as the ledger takes it: exactly one of the three. */
export interface Telling {
  readonly header?: string;
  readonly json?: string;
  readonly pattern?: string;
}

/** How an answer tells who gave it. */
export interface Tells {
  readonly version: Telling;
  readonly cluster?: Telling;
}

/** A value as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What makes an answer a good one. */
export interface Expectation {
  readonly status: number;
  readonly contains?: string;
  /** Values by their paths, as gjson has them. */
  readonly json?: Readonly<Record<string, Json>>;
}

/** A request that the user declared. */
export interface DeclaredRequest {
  readonly name: string;
  readonly session: boolean;
  readonly method: string;
  /** Path and query below the service's own. */
  readonly path: string;
  /** Secrets are filled in. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly expect: Expectation;
  readonly stream?: "openai-chat";
  readonly freshConnection: boolean;
}

/** Clients that run a script of the user's. */
export interface ScriptedRequest {
  readonly name: string;
  readonly session: boolean;
}

export type OwnRequest = DeclaredRequest | ScriptedRequest;

export function isDeclared(request: OwnRequest): request is DeclaredRequest {
  return "method" in request;
}

const WAYS_TO_TELL = ["header", "json", "pattern"] as const;

/** ZERODROP_TELLS; undefined where it is not set. Throws where it makes no sense. */
export function readTells(env: Environment): Tells | undefined {
  const json = env["ZERODROP_TELLS"];
  if (json === undefined) return undefined;
  const { version, cluster } = fieldsOf("ZERODROP_TELLS", parsed("ZERODROP_TELLS", json));
  return {
    version: readTelling("ZERODROP_TELLS.version", version),
    ...(cluster === undefined ? {} : { cluster: readTelling("ZERODROP_TELLS.cluster", cluster) }),
  };
}

function readTelling(where: string, value: unknown): Telling {
  const fields = fieldsOf(where, value);
  const [way, ...more] = Object.keys(fields);
  const known = WAYS_TO_TELL.find((each) => each === way);
  if (known === undefined || more.length > 0)
    throw new Error(`${where} must have one of header, json and pattern, and nothing else`);
  return { [known]: filled(`${where}.${known}`, fields[known]) };
}

/** An IPv4 or IPv6 address; k6 reads it exactly. */
const ADDRESS = /^[0-9A-Fa-f.:]+$/;

/** ZERODROP_HOSTS; undefined where it is not set. Throws where it makes no sense. */
export function readHosts(env: Environment): Readonly<Record<string, string>> | undefined {
  const json = env["ZERODROP_HOSTS"];
  if (json === undefined) return undefined;
  const hosts = Object.entries(fieldsOf("ZERODROP_HOSTS", parsed("ZERODROP_HOSTS", json)));
  return Object.fromEntries(
    hosts.map(([host, address]) => {
      if (typeof address !== "string" || !ADDRESS.test(address))
        throw new Error(`ZERODROP_HOSTS["${host}"] must be an IP address, not ${JSON.stringify(address)}`);
      return [host, address];
    }),
  );
}

/** ZERODROP_REQUESTS, with secrets from the environment filled in; empty where it is not set. Throws where it makes no sense. */
export function readRequests(env: Environment): OwnRequest[] {
  const json = env["ZERODROP_REQUESTS"];
  if (json === undefined) return [];
  const value = parsed("ZERODROP_REQUESTS", json);
  if (!Array.isArray(value)) throw new Error("ZERODROP_REQUESTS must be an array of requests");
  const requests = value.map((each: unknown, index) => readRequest(env, each, `ZERODROP_REQUESTS[${String(index)}]`));
  for (const [index, { name }] of requests.entries()) {
    if (requests.findIndex((each) => each.name === name) < index)
      throw new Error(`ZERODROP_REQUESTS names ${name} twice`);
  }
  return requests;
}

function readRequest(env: Environment, value: unknown, where: string): OwnRequest {
  const fields = fieldsOf(where, value);
  const { method, path, body, stream } = fields;
  const common = {
    name: filled(`${where}.name`, fields["name"]),
    session: truth(`${where}.session`, fields["session"]),
  };
  if (method === undefined) return common;
  const expect = readExpectation(`${where}.expect`, fields["expect"]);
  if (typeof path !== "string" || !path.startsWith("/")) throw new Error(`${where}.path must begin with a slash`);
  if (body !== null && typeof body !== "string") throw new Error(`${where}.body must be text or null`);
  if (stream !== undefined && stream !== "openai-chat") throw new Error(`${where}.stream must be openai-chat`);
  if (stream !== undefined && method !== "POST") throw new Error(`${where}.method must be POST, for it has a stream`);
  if (stream !== undefined && (expect.contains !== undefined || expect.json !== undefined))
    throw new Error(`${where}.expect can ask for a status only, for it has a stream`);
  return {
    ...common,
    method: filled(`${where}.method`, method),
    path,
    headers: readHeaders(env, fieldsOf(`${where}.headers`, fields["headers"]), `${where}.headers`),
    body,
    expect,
    ...(stream === undefined ? {} : { stream }),
    freshConnection: truth(`${where}.freshConnection`, fields["freshConnection"]),
  };
}

function readExpectation(where: string, value: unknown): Expectation {
  const { status, contains, json } = fieldsOf(where, value);
  if (typeof status !== "number" || !Number.isInteger(status) || status < 100 || status > 599)
    throw new Error(`${where}.status must be a whole number from 100 to 599`);
  return {
    status,
    ...(contains === undefined ? {} : { contains: filled(`${where}.contains`, contains) }),
    // It came as JSON, so its values are JSON.
    ...(json === undefined ? {} : { json: fieldsOf(`${where}.json`, json) as Readonly<Record<string, Json>> }),
  };
}

/** What Go's HTTP client refuses in a header, request by request. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

function readHeaders(env: Environment, headers: object, where: string): Record<string, string> {
  const read = Object.entries(headers).map(([name, value]: [string, unknown]) => {
    if (typeof value === "string") return [name, value];
    const variable = `ZERODROP_SECRET_${filled(`${where}["${name}"].env`, fieldsOf(`${where}["${name}"]`, value)["env"])}`;
    const secret = text(env, variable);
    if (CONTROL.test(secret)) throw new Error(`${variable} has a line break or another control character`);
    return [name, secret];
  });
  return Object.fromEntries(read) as Record<string, string>;
}
