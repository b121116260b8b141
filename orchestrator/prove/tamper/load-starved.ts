import { z } from "zod";
import type { TamperedRun } from "../../cli/tampering.ts";
import type { LoadPod } from "../../load/pod.ts";
import { SetUpError } from "../../plan/errors.ts";
import type { SabotageOf } from "../kinds.ts";
import { momentText } from "../moment.ts";
import { Account } from "./account.ts";
import { Moments } from "./moments.ts";
import type { Tamper } from "./tamper.ts";
import { besideLoad, lasting } from "./under-load.ts";

const podSchema = z.looseObject({
  metadata: z.looseObject({ uid: z.string() }),
  status: z.looseObject({
    containerStatuses: z.array(z.looseObject({ name: z.string(), containerID: z.string().optional() })),
  }),
});

/** A load whose k6 gets a part of one CPU only, for a while. */
export function loadStarved({ percent, seconds, when }: SabotageOf<"load-starved">): Tamper {
  const account = new Account(
    `k6 had ${String(percent)} % of one CPU for ${String(seconds)} s from ${momentText(when)} on.`,
  );
  const moments = new Moments();
  return {
    account,
    tampering: {
      recording: moments.noting,
      underLoad: besideLoad(account, async (load, on) => {
        const { node, clock } = on;
        if (node === undefined) throw new SetUpError("only the embedded cluster's node lets a container be starved");
        const containers = await Promise.all(load.pods.map((pod) => k6Of(pod, on)));
        await moments.reached(when, on);
        await using limits = new AsyncDisposableStack();
        account.begun(clock.wallMs());
        const limited = [];
        for (const container of containers) limited.push(limits.use(await node.limitCpu(container, percent)));
        await lasting(on, seconds);
        const throttled = await Promise.all(limited.map((limit) => limit.throttledPeriods()));
        await limits.disposeAsync();
        account.ended(clock.wallMs());
        account.count = throttled.reduce((sum, periods) => sum + periods, 0);
      }),
    },
  };
}

/** The container of a pod in which k6 runs, as the node knows it. */
async function k6Of({ namespace, name }: LoadPod, { kube, signal }: TamperedRun) {
  const pod = podSchema.parse(await kube.get({ apiVersion: "v1", kind: "Pod", namespace, name }, signal));
  // `containerd://ID`
  const containerId = pod.status.containerStatuses
    .find((container) => container.name === "k6")
    ?.containerID?.split("://")
    .at(-1);
  if (containerId === undefined) throw new SetUpError(`pod ${name} has no running container k6`);
  return { uid: pod.metadata.uid, containerId };
}
