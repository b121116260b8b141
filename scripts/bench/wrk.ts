import { z } from "zod";
import type { Told } from "./sample.ts";

const doneSchema = z.object({
  requests: z.number().int().nonnegative(),
  durationUs: z.number().positive(),
  connect: z.number().int(),
  read: z.number().int(),
  write: z.number().int(),
  timeout: z.number().int(),
  /** Answers with a status above 399; wrk takes every other for a success. */
  status: z.number().int(),
});

/** What wrk did, from the line of JSON that scripts/bench/wrk/post.lua adds to its output. */
export function readWrk(stdout: string): Told {
  const line = stdout.split("\n").find((text) => text.startsWith("{"));
  const done = doneSchema.parse(JSON.parse(line ?? "null"));
  const errors = done.connect + done.read + done.write + done.timeout + done.status;
  return { requests: done.requests, errors, seconds: done.durationUs / 1e6 };
}
