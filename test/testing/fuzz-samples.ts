/** For tests only: real recordings in memory, as values that have not been read yet. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";

const FOLDER = join(import.meta.dirname, "../recordings");
const typed = z.looseObject({ type: z.string() });
const objectLine = z.looseObject({ kind: z.string(), object: z.unknown() });
const pollLine = z.looseObject({ poll: z.string(), ok: z.literal(true), data: z.unknown() });

/** A recording's files as values; the lines of its line files without their headers. */
export interface Sample {
  readonly plan: unknown;
  /** Undefined where k6 left none. */
  readonly summary: unknown;
  readonly history: readonly z.infer<typeof typed>[];
  readonly ledger: readonly z.infer<typeof typed>[];
}

function linesOf(name: string, file: string): z.infer<typeof typed>[] {
  const text = gunzipSync(readFileSync(join(FOLDER, name, `${file}.ndjson.gz`))).toString("utf8");
  return text
    .split("\n")
    .slice(1, -1)
    .map((line) => typed.parse(JSON.parse(line)));
}

export function sampleOf(name: string): Sample {
  const valueOf = (file: string): unknown => {
    const path = join(FOLDER, name, file);
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  };
  return {
    plan: valueOf("plan.json"),
    summary: valueOf("k6-summary.json"),
    history: linesOf(name, "history"),
    ledger: linesOf(name, "ledger"),
  };
}

/** Of each kind of watched object, and of each poll, as they were seen: the first, the last and some between. */
export function seenIn({ history }: Sample): Readonly<Record<string, readonly unknown[]>> {
  const seen = new Map<string, unknown[]>();
  for (const line of history) {
    const [object, poll] = [objectLine.safeParse(line).data, pollLine.safeParse(line).data];
    const [key, value] = object === undefined ? [poll?.poll, poll?.data] : [object.kind, object.object];
    if (key !== undefined) seen.set(key, [...(seen.get(key) ?? []), value]);
  }
  const some = (all: readonly unknown[]): unknown[] => {
    const every = Math.ceil(all.length / 12);
    return all.filter((_, index) => index % every === 0 || index === all.length - 1);
  };
  return Object.fromEntries([...seen].map(([key, all]) => [key, some(all)]));
}
