import { z } from "zod";
import type { Kube } from "../kube/kube.ts";
import { ask, shown, type LoadPod, type PodAnswer } from "./pod.ts";
import { poll, type Waiting } from "./waiting.ts";

/** k6 2.2's state of a test that was started with --paused, has made all its VUs, and waits (lib/execution.go). */
const PAUSED_BEFORE_RUN = 4;
/** Time between two tries to let a pod go: the others are on their way. */
const AGAIN_MS = 50;

const RESUME = JSON.stringify({ data: { type: "status", id: "default", attributes: { paused: false } } });

const statusSchema = z.object({
  data: z.object({ attributes: z.object({ status: z.number(), paused: z.boolean().nullable() }) }),
});
type Status = z.infer<typeof statusSchema>["data"]["attributes"];

function statusOf({ status, body }: PodAnswer): Status | undefined {
  if (status !== 200) return undefined;
  try {
    return statusSchema.safeParse(JSON.parse(body)).data?.data.attributes;
  } catch {
    return undefined;
  }
}

const STATUS = { method: "GET", path: "/v1/status" } as const;

/**
 * Waits until a k6 that was started with --paused has made its VUs: from then on it takes no time to start. `onSilence` is called
 * for each question that got no answer, and may throw when none will come.
 */
export async function pausedK6(
  kube: Pick<Kube, "podProxy">,
  pod: LoadPod,
  {
    onSilence,
    ...waiting
  }: Waiting & { readonly deadlineMs: number; readonly onSilence: (pod: LoadPod) => Promise<void> },
): Promise<void> {
  await poll(`An answer of k6's REST API in pod ${pod.name}, with all VUs made,`, waiting, async () => {
    const answer = await ask(kube, pod, { port: pod.k6Port, ...STATUS }, waiting.signal);
    if (answer.status !== 200) await onSilence(pod);
    return statusOf(answer)?.status === PAUSED_BEFORE_RUN ? { done: undefined } : { seen: shown(answer) };
  });
}

/**
 * Lets a paused k6 go, and resolves when it has said that it goes. Asked again until then: k6 refuses a second resume as an error,
 * so that after a lost answer its state tells.
 */
export async function resumeK6(
  kube: Pick<Kube, "podProxy">,
  pod: LoadPod,
  waiting: Waiting & { readonly deadlineMs: number },
): Promise<void> {
  await poll(`The start of k6 in pod ${pod.name}`, { ...waiting, everyMs: AGAIN_MS }, async () => {
    const request = { port: pod.k6Port, method: "PATCH", path: "/v1/status", body: RESUME } as const;
    const answer = await ask(kube, pod, request, waiting.signal);
    if (statusOf(answer)?.paused === false) return { done: undefined };
    const status = statusOf(await ask(kube, pod, { port: pod.k6Port, ...STATUS }, waiting.signal));
    return status?.paused === false ? { done: undefined } : { seen: shown(answer) };
  });
}
