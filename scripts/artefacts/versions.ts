import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CHECKOUT } from "./cache.ts";

const versionsSchema = z.object({
  kubernetes: z.string(),
  etcd: z.string(),
  coredns: z.string(),
  kuberay: z.string(),
  envoyGateway: z.string(),
  contour: z.string(),
  envoy: z.string(),
  ray: z.string(),
  k6: z.string(),
  xk6: z.string(),
});

/** The versions this checkout builds and runs, from versions.json. */
export const versions = versionsSchema.parse(JSON.parse(readFileSync(join(CHECKOUT, "versions.json"), "utf8")));
