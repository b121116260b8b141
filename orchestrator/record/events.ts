import { z } from "zod";

const eventSchema = z.looseObject({
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  count: z.number().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  metadata: z.looseObject({ creationTimestamp: z.string().nullish() }),
  involvedObject: z.looseObject({ kind: z.string().nullish(), name: z.string().nullish() }),
});

/** Events as text, one a line, oldest first: time, type, reason, object, message, and how often if more than once. */
export function eventLines(events: readonly unknown[]): string {
  return events
    .flatMap((event) => {
      const read = eventSchema.safeParse(event);
      if (!read.success) return [];
      const { type, reason, message, count, lastTimestamp, eventTime, metadata, involvedObject } = read.data;
      const at = lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
      const times = count != null && count > 1 ? ` (${String(count)} times)` : "";
      const object = `${involvedObject.kind ?? ""}/${involvedObject.name ?? ""}`;
      const said = (message ?? "").replaceAll(/\s+/g, " ").trim();
      return [{ at, line: `${at} ${type ?? ""} ${reason ?? ""} ${object}: ${said}${times}\n` }];
    })
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .map(({ line }) => line)
    .join("");
}
