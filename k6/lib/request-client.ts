import { asksForBody, flawInAnswer } from "./expectation.ts";
import { LoadClient } from "./load-client.ts";
import { settings } from "./load.ts";
import { isDeclared } from "./service-settings.ts";

/**
 * What a client does again and again that sends a request as the user declared it, by its name: the function that k6 is to run. To be called in
 * the init context; throws there when no request of that name is declared.
 *
 * A connection for each request is had as in k6/scenarios/fresh.ts.
 */
export function declaredClient(name: string): () => void {
  const request = settings.requests.find((each) => each.name === name);
  if (request === undefined || !isDeclared(request))
    throw new Error(`ZERODROP_REQUESTS does not declare ${name}, which this load has`);
  const { method, path, body, expect } = request;
  const headers = request.freshConnection ? { ...request.headers, Connection: "close" } : request.headers;
  const client = new LoadClient(name, { path, headers });
  if (request.stream !== undefined) {
    return () => {
      client.chat(undefined, body ?? "");
    };
  }
  if (method === "POST" && !asksForBody(expect)) {
    return () => {
      client.post(undefined, body);
    };
  }
  const look = asksForBody(expect)
    ? { look: (answer: Parameters<typeof flawInAnswer>[1]) => flawInAnswer(expect, answer) }
    : {};
  return () => {
    client.request(method, undefined, body, look);
  };
}
