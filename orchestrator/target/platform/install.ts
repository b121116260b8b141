import { z } from "zod";
import type { Kube, KubeObject } from "../../kube/kube.ts";
import { DeadlineError, SetUpError } from "../../plan/errors.ts";
import { accessText, lackingAccess } from "../context/role.ts";
import type { PlatformPart } from "./labels.ts";
import { applyInOrder, waitAvailable, waitClassAccepted } from "./objects.ts";
import { refuseOthers } from "./owners.ts";

/** Parts and everything that is created for them. */
export interface PlatformInstall {
  readonly parts: readonly PlatformPart[];
  readonly objects: readonly KubeObject[];
}

/** Deployments of each part, as namespace/name. */
const DEPLOYMENTS: Readonly<Record<PlatformPart, readonly string[]>> = {
  "gateway-api": [],
  "envoy-gateway": ["envoy-gateway-system/envoy-gateway"],
  kuberay: ["kuberay-system/kuberay-operator"],
};

/**
 * Installs parts of the platform and waits until they are ready. Nothing is created where anything of it is somebody else's, or where a right is missing.
 *
 * @throws SetUpError for either, and a DeadlineError for what is not ready after `deadlineMs`, with what its pods say.
 */
export async function installPlatform(
  kube: Kube,
  install: PlatformInstall,
  {
    deadlineMs,
    signal,
    onStep,
  }: { readonly deadlineMs: number; readonly signal: AbortSignal; readonly onStep?: (text: string) => void },
): Promise<void> {
  if (install.parts.length === 0) return;
  await requireRights(kube, signal);
  await refuseOthers(kube, install, signal);
  onStep?.(`creating ${String(install.objects.length)} objects`);
  await applyInOrder(kube, install.objects, signal);
  const wanted = install.parts.flatMap((part) => DEPLOYMENTS[part]);
  onStep?.("waiting until it is ready");
  try {
    if (wanted.length > 0) await waitAvailable(kube, wanted, deadlineMs, signal);
    if (install.parts.includes("envoy-gateway")) await waitClassAccepted(kube, deadlineMs, signal);
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    const troubles = await troublesIn(kube, [...new Set(wanted.map((name) => name.split("/")[0] ?? ""))]).catch(
      () => [],
    );
    throw new DeadlineError(error.what, error.afterMs, [error.lastSeen, ...troubles].join("; "));
  }
}

async function requireRights(kube: Kube, signal: AbortSignal): Promise<void> {
  const lacking = await lackingAccess(kube, signal, "zerodrop-platform");
  if (lacking.length === 0) return;
  throw new SetUpError(
    `Whoever runs this may not install the platform (${accessText(lacking).join("; ")}); bind the ClusterRole zerodrop-platform in manifests/rbac/runner.yaml too, or let an administrator install it.`,
  );
}

const podSchema = z.looseObject({
  status: z.looseObject({
    phase: z.string().optional(),
    conditions: z
      .array(z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() }))
      .optional(),
    containerStatuses: z
      .array(
        z.looseObject({
          name: z.string(),
          state: z
            .looseObject({
              waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
            })
            .optional(),
        }),
      )
      .optional(),
  }),
});

/** What pods of these namespaces say of why they do not run. */
async function troublesIn(kube: Pick<Kube, "list">, namespaces: readonly string[]): Promise<string[]> {
  const pods = await Promise.all(
    namespaces.map((namespace) => kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace })),
  );
  return pods.flat().flatMap((pod) => {
    const { conditions = [], containerStatuses = [] } = podSchema.safeParse(pod).data?.status ?? {};
    const waiting = containerStatuses.flatMap(({ state }) => {
      const { reason, message } = state?.waiting ?? {};
      return reason === undefined ? [] : [message === undefined ? reason : `${reason} (${message})`];
    });
    const unscheduled = conditions.flatMap(({ type, status, message }) =>
      type === "PodScheduled" && status === "False" ? [message ?? "not scheduled"] : [],
    );
    const says = [...waiting, ...unscheduled];
    return says.length === 0 ? [] : [`pod ${pod.metadata.name}: ${says.join(", ")}`];
  });
}
