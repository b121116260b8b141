import type { NodeFaults } from "../change/faults/fault.ts";
import { trafficFirst } from "../change/traffic-first.ts";
import type { Kube } from "../kube/kube.ts";
import { deadlineMs } from "../plan/deadlines.ts";
import type { Plan } from "../plan/plan.ts";
import type { NodeKernel } from "../record/node-cpu.ts";
import { enterDaemons } from "../target/embedded/cgroups.ts";
import { up, useCluster } from "../target/embedded/embedded.ts";
import { embeddedFaults } from "../target/embedded/faults/index.ts";
import { nodeKernel } from "../target/embedded/kernel.ts";
import { layoutOf } from "../target/embedded/layout.ts";
import { scalePodCpu } from "../target/embedded/pod-cgroups.ts";
import { kindEnvironment } from "../target/kind/kind.ts";
import { clusterProgress } from "./cluster-progress.ts";
import { contextKube } from "./context-kube.ts";
import { gatewayClassOf } from "./embedded-request.ts";
import type { Progress } from "./progress.ts";

/** A cluster to run on. */
export interface RunTarget {
  /** Takes it until disposed of: nobody on this host may make it anew or remove it meanwhile. `what` names who has it. */
  use(what: string): Promise<AsyncDisposable>;
  /** A client of it, once it is up. */
  connect(plan: Plan, parts: { readonly progress: Progress; readonly signal: AbortSignal }): Promise<Kube>;
  /** What can be done to its node; undefined where nodes are somebody else's. */
  readonly node: NodeFaults | undefined;
  /** What can be asked about its node's CPUs; undefined likewise. */
  readonly kernel: NodeKernel | undefined;
  /** Until disposed of, whoever has traffic gets CPU first, where all share one small node. */
  trafficFirst(kube: Kube, application: Plan["application"]): AsyncDisposable;
}

/** The cluster that a plan is for; `env` says where the user's kubeconfig is. */
export function targetOf(
  { context, target }: Pick<Plan, "context" | "target">,
  env: Readonly<Record<string, string | undefined>> = process.env,
): RunTarget {
  if (context === undefined) return embedded();
  return foreign(context, target === "kind" ? kindEnvironment(env) : env);
}

function embedded(): RunTarget {
  const layout = layoutOf();
  return {
    use: (what) => useCluster(layout, what),
    async connect(plan, { progress: phases, signal }) {
      using progress = clusterProgress(phases);
      const readyDeadlineMs = deadlineMs(plan, "clusterUp");
      const gatewayClass = gatewayClassOf(plan);
      const kube = await up(layout, progress, signal, { readyDeadlineMs, inUse: true, gatewayClass });
      // Who records must not be told late because pods want the CPUs.
      await enterDaemons();
      return kube;
    },
    node: embeddedFaults(layout),
    kernel: nodeKernel,
    trafficFirst: (kube, application) => trafficFirst(kube, application, scalePodCpu),
  };
}

/** A cluster by its context: nothing of it is made, and its nodes are left alone. The lease on it keeps two runs apart. */
function foreign(context: string, env: Readonly<Record<string, string | undefined>>): RunTarget {
  return {
    use: () => Promise.resolve(nothing()),
    connect: () => contextKube(context, env),
    node: undefined,
    kernel: undefined,
    trafficFirst: nothing,
  };
}

function nothing(): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => Promise.resolve() };
}
