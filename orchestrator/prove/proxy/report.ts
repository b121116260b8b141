import { z } from "zod";

/** A moment by the proxy's clock, Unix ms with µs. */
const unixMs = z.number();
const count = z.number().int().min(0);

const ruleReportSchema = z.strictObject({
  /** Its place among all rules that were ever set, in order; by it injections name their rule. */
  rule: count,
  id: z.string(),
  fromMs: unixMs,
  /** When its list was replaced; null while it is in effect. */
  untilMs: unixMs.nullable(),
  /** Requests that it was asked about, those of them that it fits, and those of them again that it hurt. */
  seen: count,
  matched: count,
  hurt: count,
});

const injectionSchema = z.strictObject({
  rule: count,
  atMs: unixMs,
  /** Whether the request was the first on its client's connection. */
  connection: z.enum(["new", "kept"]),
  /** Path and query, up to 200 bytes; empty for the time in which nobody listened. */
  path: z.string(),
  /** What was really done, in words. */
  did: z.string(),
  /** Who gave the answer that was hurt, as far as the proxy looked. */
  answer: z
    .strictObject({
      version: z.string().optional(),
      cluster: z.string().optional(),
      replica: z.string().optional(),
    })
    .optional(),
});

/** What the proxy did so far (saboteur/report.go). Strict: a field that one side does not know is a report that is misread. */
export const proxyReportSchema = z.strictObject({
  nowMs: unixMs,
  /** Connections of clients, requests on them, those that were sent on, and those of which the client went away first. */
  connections: count,
  requests: count,
  asked: count,
  left: count,
  rules: z.array(ruleReportSchema),
  /** The first 5,000. */
  injections: z.array(injectionSchema),
  injectionsTotal: count,
  /** The proxy's own trouble, caused by no rule: the first 1,000, and all by kind. */
  troubles: z.array(z.strictObject({ atMs: unixMs, kind: z.string(), path: z.string(), why: z.string() })),
  troublesTotal: z.record(z.string(), count),
});
export type ProxyReport = z.infer<typeof proxyReportSchema>;
