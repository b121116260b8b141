import { createHash } from "node:crypto";
import type { WatchedKind } from "../history/observation.ts";
import type { KubeObject } from "../kube/kube.ts";
import { isRecord, redact } from "./redact.ts";

/** Small, and read whole by the judge each time: their `spec` is written with every change. */
const ALWAYS_WHOLE: ReadonlySet<WatchedKind> = new Set<WatchedKind>(["HTTPRoute", "EndpointSlice"]);
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Objects as they go into the recording: without managedFields, without kubectl's copy of the last applied configuration,
 * without environment values, and with `spec` only when this watch has not yet told it. One per watch: it remembers which
 * spec of which object it has let through (by generation; by content for objects that have none).
 */
export class Trimmer {
  readonly #kind: WatchedKind;
  readonly #told = new Map<string, string>();

  constructor(kind: WatchedKind) {
    this.#kind = kind;
  }

  trim(object: KubeObject, event: "listed" | "added" | "modified" | "deleted"): Record<string, unknown> {
    const { spec, ...rest } = object;
    const trimmed: Record<string, unknown> = { ...rest, metadata: trimMetadata(object.metadata) };
    if (spec !== undefined && this.#isNews(object, spec)) trimmed["spec"] = spec;
    if (event === "deleted") this.#told.delete(keyOf(object));
    const redacted = redact(trimmed);
    return isRecord(redacted) ? redacted : {};
  }

  #isNews(object: KubeObject, spec: unknown): boolean {
    if (ALWAYS_WHOLE.has(this.#kind)) return true;
    const { generation } = object.metadata;
    const stamp = generation === undefined ? digest(spec) : String(generation);
    const key = keyOf(object);
    if (this.#told.get(key) === stamp) return false;
    this.#told.set(key, stamp);
    return true;
  }
}

function trimMetadata(metadata: KubeObject["metadata"]): Record<string, unknown> {
  const { managedFields: _managed, annotations, ...rest } = metadata;
  if (annotations === undefined) return rest;
  const { [LAST_APPLIED]: _applied, ...kept } = annotations;
  return { ...rest, annotations: kept };
}

/** A new object under an old name is another object. */
function keyOf(object: KubeObject): string {
  return object.metadata.uid ?? object.metadata.name;
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64");
}
