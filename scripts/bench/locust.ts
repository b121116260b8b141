import { z } from "zod";
import type { Told } from "./sample.ts";

/** An entry of `--json-file`, one for each kind of request (Locust 2.47). Times are Unix seconds. */
const statsSchema = z.array(
  z.object({
    name: z.string(),
    num_requests: z.number().int().nonnegative(),
    num_failures: z.number().int().nonnegative(),
    start_time: z.number(),
    last_request_timestamp: z.number().nullable(),
  }),
);

/** What Locust did, from its statistics as JSON. A test that sent nothing has none. */
export function readLocust(stats: string): Told {
  const [only, other] = statsSchema.parse(JSON.parse(stats));
  if (other !== undefined) throw new Error(`Locust tells of another kind of request, ${other.name}.`);
  if (only === undefined) return { requests: 0, errors: 0, seconds: 0 };
  const seconds = (only.last_request_timestamp ?? only.start_time) - only.start_time;
  return { requests: only.num_requests, errors: only.num_failures, seconds };
}
