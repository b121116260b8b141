import { z } from "zod";
import type { RunResult } from "../../judge/run-result.ts";
import type { MatrixEnvironment, Outcome } from "./matrix.ts";

const knownDefect = z.object({ knownDefect: z.object({ id: z.string(), page: z.string() }) });
const disruption = z.object({ disruptedMs: z.number().nonnegative() });

/** What a matrix keeps of a run's result. */
export function outcomeOf({ verdict, judge, sentence, checks, load, change }: RunResult): Outcome {
  const windows = checks.find(({ id }) => id === "disruption-windows");
  const disrupted = disruption.safeParse(windows?.figures).data;
  const defects = checks.flatMap(({ verdict: found, figures }) => {
    const read = found === "known" ? knownDefect.safeParse(figures).data?.knownDefect : undefined;
    return read === undefined ? [] : [read];
  });
  return {
    verdict,
    judge: judge.version,
    sentence,
    requests: load.requests,
    failed: load.failed + load.hanging,
    disruptedSeconds: disrupted === undefined ? null : disrupted.disruptedMs / 1000,
    seconds: change.seconds,
    knownDefects: defects.filter(({ id }, index) => defects.findIndex((one) => one.id === id) === index),
  };
}

const nodes = z.object({
  nodes: z.array(
    z.object({
      memory: z.string().optional(),
      kernelVersion: z.string().optional(),
      osImage: z.string().optional(),
    }),
  ),
});

const KIB_PER_GIB = 1024 ** 2;

/** What a run ran on; of several nodes the memory of all, and the first one's software. */
export function environmentOf({ environment }: RunResult): MatrixEnvironment {
  const { versions, cpus, measured } = environment;
  const found = nodes.safeParse(measured).data?.nodes ?? [];
  const kib = found.map(({ memory }) => Number(/^(\d+)Ki$/.exec(memory ?? "")?.[1] ?? Number.NaN));
  const memoryKib = kib.reduce((sum, one) => sum + one, 0);
  return {
    versions,
    cpus,
    // In whole GiB: what the kernel keeps for itself differs from start to start.
    memoryGiB: found.length === 0 || Number.isNaN(memoryKib) ? null : Math.round(memoryKib / KIB_PER_GIB),
    kernel: found[0]?.kernelVersion ?? null,
    os: found[0]?.osImage ?? null,
  };
}
