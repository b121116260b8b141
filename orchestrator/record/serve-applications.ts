import { z } from "zod";

const text = z.string().nullish();

/** As much of Ray's ServeInstanceDetails (Ray 2.x, GET /api/serve/applications/) as the recording keeps. */
const detailsSchema = z.object({
  target_capacity: z.number().nullish(),
  applications: z.record(
    z.string(),
    z.object({
      status: text,
      message: text,
      deployments: z
        .record(
          z.string(),
          z.object({
            status: text,
            message: text,
            target_num_replicas: z.number().nullish(),
            replicas: z.array(z.object({ replica_id: text, state: z.string() })).nullish(),
          }),
        )
        .nullish(),
    }),
  ),
});

export type ServeApplications = z.infer<typeof detailsSchema>;

/** Serve's own words without configuration (which may hold environment values). Undefined when the answer is something else. */
export function trimServeApplications(body: string): ServeApplications | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  const read = detailsSchema.safeParse(answer);
  return read.success ? read.data : undefined;
}
