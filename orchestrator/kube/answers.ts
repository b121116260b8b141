import { z } from "zod";
import type { HttpAnswer } from "./http.ts";
import { KubeError } from "./kube.ts";
import type { KindRef, KubeObject } from "./kube.ts";

const metadataSchema = z.looseObject({
  name: z.string(),
  namespace: z.string().exactOptional(),
  uid: z.string().exactOptional(),
  resourceVersion: z.string().exactOptional(),
  generation: z.number().exactOptional(),
  labels: z.record(z.string(), z.string()).exactOptional(),
  annotations: z.record(z.string(), z.string()).exactOptional(),
});

const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: metadataSchema });

const listSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.looseObject({ metadata: metadataSchema })).nullable(),
});

const statusSchema = z.looseObject({
  kind: z.literal("Status"),
  message: z.string().optional(),
  reason: z.string().optional(),
  code: z.number().optional(),
});

/** An object as the API server gave it. */
export function readObject(body: unknown, what: string): KubeObject {
  return readWith(objectSchema, body, what);
}

/** A page of a list. Items of a list come without apiVersion and kind: they are filled in. */
export function readList(
  body: unknown,
  kind: KindRef,
  what: string,
): { items: KubeObject[]; resourceVersion: string; next: string | undefined } {
  const list = readWith(listSchema, body, what);
  return {
    items: (list.items ?? []).map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })),
    resourceVersion: list.metadata.resourceVersion,
    next: list.metadata.continue === "" ? undefined : list.metadata.continue,
  };
}

/** JSON of an answer that was a success. @throws KubeError for any other answer. */
export function successBody(answer: HttpAnswer, what: string, quoteServer = true): unknown {
  if (answer.status < 200 || answer.status > 299) throw errorOf(answer, what, quoteServer);
  return parseJson(answer.body, what);
}

/**
 * An answer that was no success as an error. `quoteServer` false keeps the server's own words out: for kinds whose
 * contents are secret it may quote them.
 */
export function errorOf(answer: Pick<HttpAnswer, "status" | "body">, what: string, quoteServer = true): KubeError {
  const status = statusSchema.safeParse(tryJson(answer.body));
  const reason = (status.success ? status.data.reason : undefined) ?? `HTTP${String(answer.status)}`;
  const said = status.success ? status.data.message : answer.body;
  const words = quoteServer && said !== undefined && said !== "" ? `: ${said.slice(0, 600)}` : "";
  return new KubeError(answer.status, reason, `${what}: ${reason} (${String(answer.status)})${words}`);
}

/** The Status of a watch's ERROR event as an error. */
export function errorOfStatus(object: unknown, what: string): KubeError {
  const status = statusSchema.safeParse(object);
  const { code = 500, reason = "Unknown", message = "" } = status.success ? status.data : {};
  return new KubeError(code, reason, `${what}: ${reason} (${String(code)}): ${message.slice(0, 600)}`);
}

export function parseJson(text: string, what: string): unknown {
  const value = tryJson(text);
  if (value === undefined) throw new KubeError(0, "NotJson", `${what}: the answer is not JSON`);
  return value;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Passes an answer through its schema; what does not fit is named by place, never by value. */
export function readWith<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new KubeError(
    0,
    "Unexpected",
    `${what}: unexpected answer at ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "?"}`,
  );
}
