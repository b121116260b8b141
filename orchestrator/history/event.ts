import { z } from "zod";
import { read, readOnce, type Reading } from "./reading.ts";

const eventSchema = z.object({
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  count: z.number().nullish(),
  /** What events.k8s.io tells of an event that is repeated. */
  series: z.object({ count: z.number().nullish() }).nullish(),
  involvedObject: z
    .object({ kind: z.string().nullish(), name: z.string().nullish(), fieldPath: z.string().nullish() })
    .nullish(),
});

/** What Kubernetes, or a controller, said of an object. */
export interface EventView {
  /** `Normal` or `Warning`. */
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** How often it was seen so far; 1 where that is not told. */
  readonly count: number;
  /** Of the object it is about. */
  readonly kind: string;
  readonly name: string;
  /** The container it is about; else empty. */
  readonly container: string;
}

/** Reads a core/v1 Event; absent texts read as empty. */
export const readEvent = readOnce((object): Reading<EventView> => {
  const reading = read(eventSchema, object);
  if (!reading.ok) return reading;
  const { type, reason, message, count, series, involvedObject } = reading.view;
  return {
    ok: true,
    view: {
      type: type ?? "",
      reason: reason ?? "",
      message: message ?? "",
      count: count ?? series?.count ?? 1,
      kind: involvedObject?.kind ?? "",
      name: involvedObject?.name ?? "",
      container: /\{(.+)\}$/.exec(involvedObject?.fieldPath ?? "")?.[1] ?? "",
    },
  };
});
