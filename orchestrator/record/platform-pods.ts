import { z } from "zod";
import type { Clock } from "../kube/clock.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { PLATFORM_ROLES, podsOf } from "../kube/platform.ts";
import type { PlatformRole, RunGateway } from "../kube/platform.ts";
import { reasonOf } from "./reason.ts";
import { repeatPoll } from "./repeat.ts";
import type { Poller } from "./repeat.ts";
import type { Sink } from "./sink.ts";

const PERIOD_MS = 5_000;
const TIMEOUT_MS = 5_000;

const podSchema = z.object({
  metadata: z.object({ name: z.string(), uid: z.string() }),
  spec: z.object({ nodeName: z.string().optional() }),
  status: z.object({
    phase: z.string().optional(),
    reason: z.string().optional(),
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
    containerStatuses: z
      .array(
        z.object({
          name: z.string(),
          restartCount: z.number(),
          lastState: z
            .object({ terminated: z.object({ reason: z.string().optional(), exitCode: z.number() }).optional() })
            .optional(),
        }),
      )
      .optional(),
  }),
});

/** A pod as a `platform-pods` poll tells it. Null: Kubernetes does not say. */
interface PlatformPod {
  readonly name: string;
  readonly uid: string;
  readonly node: string | null;
  readonly phase: string | null;
  readonly ready: boolean;
  /** Why the pod as a whole is in its phase, e.g. Evicted. */
  readonly reason: string | null;
  readonly containers: readonly {
    readonly name: string;
    readonly restarts: number;
    /** How the container's previous run ended. */
    readonly lastReason: string | null;
    readonly lastExitCode: number | null;
  }[];
}

interface PollParts extends RunGateway {
  readonly sink: Sink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Polls the platform's pods, one observation for each role, until disposed of. Resolves after the first poll. A list that is
 * refused or takes too long is a poll that is not ok, and nothing else.
 */
export async function pollPlatform(kube: Pick<Kube, "list">, parts: PollParts): Promise<Poller> {
  return await repeatPoll({ ...parts, periodMs: PERIOD_MS }, async (signal) => {
    await Promise.all(PLATFORM_ROLES.map((role) => pollRole(kube, role, { ...parts, signal })));
  });
}

async function pollRole(kube: Pick<Kube, "list">, role: PlatformRole, parts: PollParts): Promise<void> {
  const { sink, signal } = parts;
  const answer = (ok: boolean, data: unknown): void => {
    // Cut off by the end of the polling: no list was refused.
    if (!signal.aborted) sink({ type: "poll", poll: "platform-pods", subject: role, ok, data });
  };
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const pods = await podsOf(kube, role, parts, bounded);
    answer(true, { pods: pods.map(readPod) });
  } catch (error) {
    answer(false, { error: reasonOf(error) });
  }
}

/** Throws when the object is no Pod. */
function readPod(object: KubeObject): PlatformPod {
  const { metadata, spec, status } = podSchema.parse(object);
  return {
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? null,
    phase: status.phase ?? null,
    ready: (status.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
    reason: status.reason ?? null,
    containers: (status.containerStatuses ?? []).map(({ name, restartCount, lastState }) => ({
      name,
      restarts: restartCount,
      lastReason: lastState?.terminated?.reason ?? null,
      lastExitCode: lastState?.terminated?.exitCode ?? null,
    })),
  };
}
