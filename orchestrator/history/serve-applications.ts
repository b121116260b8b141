import { z } from "zod";
import { read, readOnce, type Reading } from "./reading.ts";

const applicationsSchema = z.object({
  applications: z.record(
    z.string(),
    z.object({
      status: z.string().nullish(),
      deployments: z
        .record(z.string(), z.object({ replicas: z.array(z.object({ state: z.string() })).nullish() }))
        .nullish(),
    }),
  ),
});

export interface ServeApplicationsView {
  /** Replicas in state RUNNING, over all deployments of all applications. */
  readonly runningReplicas: number;
  /** Those in state UPDATING: they are given another user_config in place. */
  readonly updatingReplicas: number;
}

/** Reads the answer of Serve's REST API, GET /api/serve/applications/ (ServeInstanceDetails, Ray 2.x). */
export const readServeApplications = readOnce((data): Reading<ServeApplicationsView> => {
  const reading = read(applicationsSchema, data);
  if (!reading.ok) return reading;
  const replicas = Object.values(reading.view.applications)
    .flatMap((application) => Object.values(application.deployments ?? {}))
    .flatMap((deployment) => deployment.replicas ?? []);
  const inState = (wanted: string): number => replicas.filter(({ state }) => state === wanted).length;
  return { ok: true, view: { runningReplicas: inState("RUNNING"), updatingReplicas: inState("UPDATING") } };
});
