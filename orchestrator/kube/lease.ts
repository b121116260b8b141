import { z } from "zod";
import { SetUpError } from "../plan/errors.ts";
import type { Clock } from "./clock.ts";
import { realClock } from "./clock.ts";
import { KubeError } from "./kube.ts";
import type { Kube, KubeObject } from "./kube.ts";

const leaseSchema = z.looseObject({
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .optional(),
});

export interface HeldLease extends AsyncDisposable {
  /** Aborts when the lease could not be renewed before it expired, or was taken by another: whoever holds it must stop. */
  readonly lost: AbortSignal;
}

/** What is wanted of a lease. */
export interface LeaseRequest {
  readonly namespace: string;
  readonly name: string;
  /** Who holds it, for people: it is quoted to whoever comes second. */
  readonly holder: string;
  readonly durationSeconds: number;
}

/**
 * Takes the lease that guards a cluster against a second run, keeps it by renewing it every third of its duration, and gives it back when
 * disposed of. One that has expired (by its renewTime, ISO 8601, against our own clock) is taken over. Two that come at the same moment are told
 * apart by the API server: the one whose resourceVersion is stale has lost.
 *
 * @throws SetUpError when another live holder has it: who, since when, and when it expires.
 */
export async function acquireLease(kube: Kube, request: LeaseRequest, clock: Clock = realClock): Promise<HeldLease> {
  const ref = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    namespace: request.namespace,
    name: request.name,
  };
  const held = await take(kube, ref, request, clock);
  const lost = new AbortController();
  const stop = new AbortController();
  const renewing = keepRenewed(kube, held, request, clock, lost, stop.signal);
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      stop.abort();
      const last = await renewing;
      if (lost.signal.aborted) return;
      // Emptied rather than deleted: the stale resourceVersion of a holder that lost it meanwhile is refused.
      await kube.replace(withSpec(last, { holderIdentity: "" })).catch((error: unknown) => {
        if (!isStale(error)) throw error;
      });
    },
  };
}

async function take(
  kube: Kube,
  ref: { apiVersion: string; kind: string; namespace: string; name: string },
  request: LeaseRequest,
  clock: Clock,
): Promise<KubeObject> {
  const now = microTime(clock.wallMs());
  const wanted = {
    holderIdentity: request.holder,
    leaseDurationSeconds: request.durationSeconds,
    acquireTime: now,
    renewTime: now,
  };
  for (let attempt = 1; ; attempt += 1) {
    const existing = await kube.get(ref);
    if (existing !== undefined) refuseIfHeld(existing, request, clock);
    try {
      if (existing === undefined) {
        return await kube.create({
          apiVersion: ref.apiVersion,
          kind: ref.kind,
          metadata: {
            name: ref.name,
            namespace: ref.namespace,
            labels: { "app.kubernetes.io/managed-by": "zerodrop" },
          },
          spec: { ...wanted, leaseTransitions: 0 },
        });
      }
      const transitions = (leaseSchema.parse(existing).spec?.leaseTransitions ?? 0) + 1;
      return await kube.replace(withSpec(existing, { ...wanted, leaseTransitions: transitions }));
    } catch (error) {
      // Somebody was quicker: look again who.
      if (!(error instanceof KubeError && error.status === 409 && attempt < 5)) throw error;
    }
  }
}

function refuseIfHeld(lease: KubeObject, request: LeaseRequest, clock: Clock): void {
  const spec = leaseSchema.parse(lease).spec ?? {};
  const holder = holderOf(lease);
  if (holder === "" || holder === request.holder) return;
  const renewedMs = Date.parse(spec.renewTime ?? "");
  const expiresMs = renewedMs + (spec.leaseDurationSeconds ?? 0) * 1000;
  if (!(expiresMs > clock.wallMs())) return;
  throw new SetUpError(
    `The cluster is in use: lease ${request.namespace}/${request.name} is held by ${holder} since ${spec.acquireTime ?? "an unknown time"}` +
      ` and expires at ${new Date(expiresMs).toISOString()} (in ${((expiresMs - clock.wallMs()) / 1000).toFixed(0)} s) unless renewed. Wait for that run to end, or stop it.`,
  );
}

/** Renews until stopped; returns the lease as last written. A failed renewal is tried again until the lease would have expired. */
async function keepRenewed(
  kube: Kube,
  held: KubeObject,
  request: LeaseRequest,
  clock: Clock,
  lost: AbortController,
  stop: AbortSignal,
): Promise<KubeObject> {
  let last = held;
  let renewedMono = clock.monoMs();
  for (;;) {
    try {
      await clock.sleep((request.durationSeconds * 1000) / 3, stop);
    } catch {
      return last;
    }
    const began = clock.monoMs();
    try {
      last = await kube.replace(withSpec(last, { renewTime: microTime(clock.wallMs()) }));
      renewedMono = began;
    } catch (error) {
      // Stale may also mean that our own last renewal arrived and its answer did not.
      const now = isStale(error) ? await current(kube, held, last) : last;
      if (now !== undefined && holderOf(now) === request.holder) last = now;
      const taken = now === undefined || holderOf(now) !== request.holder;
      if (taken || clock.monoMs() - renewedMono > request.durationSeconds * 1000) {
        const why = error instanceof Error ? error.message : String(error);
        const what = `The lease ${request.namespace}/${request.name} was lost: ${why}`;
        lost.abort(new SetUpError(what, { cause: error }));
        return last;
      }
    }
  }
}

function isStale(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 409 || error.status === 404);
}

/** The lease as the server has it; as last known while the server does not answer, undefined when it is gone. */
async function current(kube: Kube, held: KubeObject, last: KubeObject): Promise<KubeObject | undefined> {
  const { name, namespace } = held.metadata;
  const ref = { apiVersion: held.apiVersion, kind: held.kind, name };
  return kube.get(namespace === undefined ? ref : { ...ref, namespace }).catch(() => last);
}

function holderOf(lease: KubeObject): string {
  return leaseSchema.parse(lease).spec?.holderIdentity ?? "";
}

function withSpec(lease: KubeObject, change: Record<string, unknown>): KubeObject {
  const { spec } = leaseSchema.parse(lease);
  return { ...lease, spec: { ...spec, ...change } };
}

/** Kubernetes' MicroTime: RFC 3339 with exactly six digits of a second. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.(\d{3})Z$/, ".$1000Z");
}
