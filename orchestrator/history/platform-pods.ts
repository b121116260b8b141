import { z } from "zod";
import { read, readOnce, type Reading } from "./reading.ts";

const platformPodsSchema = z.object({
  pods: z.array(
    z.object({
      name: z.string(),
      uid: z.string(),
      /** Why the pod as a whole failed, e.g. `Evicted`. */
      reason: z.string().nullish(),
      ready: z.boolean().nullish(),
      containers: z.array(
        z.object({
          name: z.string(),
          restarts: z.number(),
          /** Why it ended before it was last restarted. */
          lastReason: z.string().nullish(),
        }),
      ),
    }),
  ),
});

export type PlatformPodsView = z.infer<typeof platformPodsSchema>;

/** Reads the answer of a `platform-pods` poll. */
export const readPlatformPods = readOnce((data): Reading<PlatformPodsView> => read(platformPodsSchema, data));
