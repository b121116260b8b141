import { z } from "zod";
import { UsageError } from "./errors.ts";

/** Versions by part, as versions.json pins them (kubernetes, kuberay, envoyGateway, envoy, ray, k6, …). */
export type Versions = Readonly<Record<string, string>>;

const versionsSchema = z.record(z.string().min(1), z.string().min(1));

/** The pinned versions from the text of versions.json. `source` is the file's name for the UsageError. */
export function parseVersions(text: string, source: string): Versions {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${source} must be JSON; received ${JSON.stringify(text.slice(0, 40))} (${String(error)}).`);
  }
  const parsed = versionsSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const key = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new UsageError(`${source} must give each part's version as text; received something else at "${key}".`);
}
