import { UsageError } from "./errors.ts";
import type { K6Outputs } from "./out-k6.ts";
import type { Plan } from "./plan.ts";

/** How a load finds a secret header in its environment; k6/lib/request-client.ts goes by it. */
const PREFIX = "ZERODROP_SECRET_";

/**
 * What is secret about a load, with the values of those headers of the user's requests that come from the environment of the runner. They go the way of the outputs'
 * secrets: into the load's Secret, and out of every log.
 *
 * @throws UsageError for a variable that is not set.
 */
export function withHeaderSecrets(
  outputs: K6Outputs,
  { service }: Pick<Plan, "service">,
  env: Readonly<Record<string, string | undefined>>,
): K6Outputs {
  const secretData: Record<string, string> = { ...outputs.secretData };
  const take = (variable: string, what: string): void => {
    const secret = env[variable];
    if (secret === undefined || secret === "") {
      throw new UsageError(`${what} needs the environment variable ${variable}; received none of that name.`);
    }
    secretData[PREFIX + variable] = secret;
  };
  for (const { name, headers, env: given = [] } of service?.requests ?? []) {
    for (const [header, value] of Object.entries(headers)) {
      if (typeof value !== "string") take(value.env, `Header ${header} of request ${name}`);
    }
    for (const variable of given) take(variable, `The script of request ${name}`);
  }
  return { ...outputs, secretData };
}
