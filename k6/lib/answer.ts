import type { RefinedResponse } from "k6/http";

/** What one request came to. */
export interface Answer {
  /**
   * `answered`: status 200 and a whole body of the application under test. `hanging`: nothing, or not all, by the
   * request's deadline. `failed`: everything else.
   */
  outcome: "answered" | "failed" | "hanging";
  /** RayCluster and version that answered, empty when the body does not say. */
  cluster: string;
  version: string;
  /** How the request reached the gateway, as far as an answer tells. */
  connection: "new" | "reused" | "unknown";
  /** What was wrong, for people; empty for `answered`. */
  message: string;
}

/** k6's error code for a request whose own deadline passed, be it while connecting, waiting or reading. */
const TIMED_OUT = 1050;

/**
 * Reads who answered from a response. It never throws, and reports a transport error, a status other than 200, and a
 * body that is not JSON with text under `version`, `cluster` and `replica`.
 */
export function readAnswer(response: RefinedResponse<"text">): Answer {
  if (response.status === 0) {
    return {
      outcome: response.error_code === TIMED_OUT ? "hanging" : "failed",
      cluster: "",
      version: "",
      connection: "unknown",
      message: response.error,
    };
  }
  // k6 gives no time to connecting on a kept connection, and nanoseconds on a new one.
  const connection = response.timings.connecting > 0 ? "new" : "reused";
  const body = parse(response.body);
  const version = textAt(body, "version");
  const cluster = textAt(body, "cluster");
  let message = "";
  if (response.status !== 200) message = `status ${String(response.status)}`;
  else if (body === undefined) message = "the body is no JSON object";
  else if (version === "" || cluster === "" || textAt(body, "replica") === "") {
    message = "the body does not name version, cluster and replica";
  }
  return { outcome: message === "" ? "answered" : "failed", cluster, version, connection, message };
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function textAt(body: Readonly<Record<string, unknown>> | undefined, key: string): string {
  const value = body?.[key];
  return typeof value === "string" ? value : "";
}
