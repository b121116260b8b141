import { z } from "zod";
import { errorOf, errorOfStatus, parseJson, readObject, readWith } from "./answers.ts";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { HttpClient } from "./http.ts";
import { KubeError } from "./kube.ts";
import type { KindRef, Selector, WatchEvent } from "./kube.ts";
import { lines } from "./lines.ts";
import { listAll } from "./listing.ts";
import { collectionPath, query } from "./resources.ts";
import type { Resources } from "./resources.ts";

export interface WatchParts {
  readonly client: HttpClient;
  readonly resources: Resources;
  readonly clock: Clock;
  /** Without a byte for this long a connection is taken for dead; servers send bookmarks about once a minute. */
  readonly silenceMs: number;
}

const lineSchema = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]),
  object: z.unknown(),
});
const bookmarkSchema = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });
const EVENT_TYPES = { ADDED: "added", MODIFIED: "modified", DELETED: "deleted" } as const;

/** Asked of the server, so that it ends a watch before anything between us does. */
const SERVER_TIMEOUT_SECONDS = 1_800;

/** Answers that a second try cannot change; before the first sync they end the watch at once. */
const PERMANENT = new Set([400, 401, 403, 404, 405, 422]);

/** How a connection ended: the server closed it, or something failed. */
type Ending = { how: "closed" } | { how: "failed"; error: KubeError };

/**
 * One kind's list and watch, as `Kube.watch` promises it. After an interruption it goes on from the last resourceVersion it saw
 * (`gap` resumed) or, where the server has forgotten that (HTTP 410), lists again (`gap` relisted, then `listed`, then `synced`).
 */
export async function watchKind(
  parts: WatchParts,
  kind: KindRef,
  selector: Selector,
  onEvent: (event: WatchEvent) => void,
  options: { signal: AbortSignal; outageMs?: number },
): Promise<void> {
  const { clock } = parts;
  const { signal, outageMs = 60_000 } = options;
  const what = `watch of ${kind.kind}`;
  let version: string | undefined;
  /** An object, because the compiler does not see what a listener or a helper writes. */
  const seen = { synced: false };
  let failures = 0;
  let awaySince: number | undefined;
  let lastAlive = clock.monoMs();
  /** Why the watch is interrupted, from the first failure until it goes on. */
  let interrupted: string | undefined;
  /** Listed again since the last line of a watch: a server that forgets at once is not to be listed in a tight loop. */
  let relisted = false;

  const alive = (): void => {
    lastAlive = clock.monoMs();
    awaySince = undefined;
  };
  const goesOn = (how: "resumed" | "relisted"): void => {
    if (seen.synced && interrupted !== undefined) {
      onEvent({ type: "gap", how, reason: interrupted, forMs: Math.max(0, clock.monoMs() - lastAlive) });
    }
    interrupted = undefined;
  };
  const list = async (): Promise<string> => {
    const listed = await listAll(parts.client, parts.resources, kind, selector, signal);
    goesOn("relisted");
    for (const object of listed.items) onEvent({ type: "listed", object });
    onEvent({ type: "synced", resourceVersion: listed.resourceVersion });
    seen.synced = true;
    alive();
    return listed.resourceVersion;
  };
  const follow = async (from: string): Promise<Ending> => {
    const silence = new AbortController();
    const stop = AbortSignal.any([signal, silence.signal]);
    let timer: NodeJS.Timeout | undefined;
    const onBytes = (): void => {
      alive();
      clearTimeout(timer);
      timer = setTimeout(() => {
        silence.abort();
      }, parts.silenceMs);
    };
    /** An exception of `onEvent` is the caller's, not the connection's: it must not be mistaken for a failure to retry. */
    let delivering = false;
    try {
      const resource = await parts.resources.of(kind, signal);
      const response = await parts.client.stream({
        method: "GET",
        path:
          collectionPath(resource, selector.namespace) +
          query({
            watch: 1,
            allowWatchBookmarks: true,
            resourceVersion: from,
            labelSelector: selector.labelSelector,
            fieldSelector: selector.fieldSelector,
            timeoutSeconds: SERVER_TIMEOUT_SECONDS,
          }),
        timeoutMs: 30_000,
        signal: stop,
      });
      if (response.statusCode !== 200) {
        let body = "";
        for await (const chunk of response) body += String(chunk);
        return { how: "failed", error: errorOf({ status: response.statusCode ?? 0, body }, what) };
      }
      delivering = true;
      goesOn("resumed");
      delivering = false;
      onBytes();
      for await (const line of lines(response, onBytes)) {
        const read = readWith(lineSchema, parseJson(line, what), what);
        if (read.type === "ERROR") return { how: "failed", error: errorOfStatus(read.object, what) };
        failures = 0;
        relisted = false;
        if (read.type === "BOOKMARK") {
          version = readWith(bookmarkSchema, read.object, what).metadata.resourceVersion;
          continue;
        }
        const object = readObject(read.object, what);
        delivering = true;
        onEvent({ type: EVENT_TYPES[read.type], object });
        delivering = false;
        version = object.metadata.resourceVersion ?? version;
      }
      lastAlive = clock.monoMs();
      return { how: "closed" };
    } catch (error) {
      if (delivering || (error instanceof KubeError && error.reason === "Unexpected")) throw error;
      if (silence.signal.aborted) {
        return {
          how: "failed",
          error: new KubeError(0, "Silent", `${what}: nothing came for ${String(parts.silenceMs / 1000)} s`),
        };
      }
      return { how: "failed", error: asKubeError(error, what) };
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  };

  while (!aborted(signal)) {
    const began = clock.monoMs();
    let ending: Ending;
    if (version === undefined) {
      try {
        version = await list();
        continue;
      } catch (error) {
        if (aborted(signal)) return;
        if (!(error instanceof KubeError)) throw error;
        if (!seen.synced && PERMANENT.has(error.status)) throw error;
        ending = { how: "failed", error };
      }
    } else {
      ending = await follow(version);
    }
    if (aborted(signal)) return;
    if (ending.how === "closed") {
      interrupted ??= "the server closed the watch";
      // A server that closes every watch at once is not to be asked in a tight loop.
      if (clock.monoMs() - began > 1_000) {
        failures = 0;
        continue;
      }
    } else {
      interrupted ??= ending.error.message;
      if (ending.error.status === 410) {
        version = undefined;
        if (!relisted) {
          relisted = true;
          continue;
        }
      }
      awaySince ??= clock.monoMs();
      if (clock.monoMs() - awaySince > outageMs) {
        throw new KubeError(
          ending.error.status,
          ending.error.reason,
          `The ${what} has had no answer for ${(outageMs / 1000).toFixed(0)} s; last: ${ending.error.message}`,
        );
      }
    }
    failures += 1;
    try {
      await clock.sleep(backoffMs(failures, Math.random()), signal);
    } catch {
      return;
    }
  }
}

/** A call, because the compiler takes a property it has seen once for settled. */
function aborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function asKubeError(error: unknown, what: string): KubeError {
  if (error instanceof KubeError) return error;
  return new KubeError(0, "Interrupted", `${what}: ${error instanceof Error ? error.message : String(error)}`);
}
