import { readFile } from "node:fs/promises";
import { z } from "zod";
import { clusterProgress } from "../../orchestrator/cli/cluster-progress.ts";
import type { Progress } from "../../orchestrator/cli/progress.ts";
import { realClock } from "../../orchestrator/kube/clock.ts";
import { DEADLINES } from "../../orchestrator/plan/deadlines.ts";
import { STRATEGIES } from "../../orchestrator/plan/strategy.ts";
import { runIdFor } from "../../orchestrator/plan/run-id.ts";
import { removeLeftovers } from "../../orchestrator/stage/remove.ts";
import { stageApplication } from "../../orchestrator/stage/stage.ts";
import { up, useCluster } from "../../orchestrator/target/embedded/embedded.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { host, until } from "../../orchestrator/target/embedded/processes.ts";
import { DEFAULT_GATEWAY_CLASS, EMBEDDED_GATEWAYS } from "../../orchestrator/plan/gateways.ts";
import { IMAGES } from "../artefacts/list.ts";
import { versions } from "../artefacts/versions.ts";

/** The application on the embedded cluster. */
export interface Chain {
  /** The gateway, as processes in the node's network reach it. */
  readonly url: string;
  /** Puts a command that follows it into the node's network namespace; the process stays the same. */
  readonly prefix: readonly string[];
}

const ms = (name: keyof typeof DEADLINES): number => DEADLINES[name].seconds * 1000;
/** What the node's own record has of its first process (orchestrator/target/embedded). */
const stateSchema = z.object({ initPid: z.number().int().positive() });
/** Prints the status of one request of the bench. */
const ASK = `fetch(process.argv[1], { method: "POST" }).then(({ status }) => process.stdout.write(String(status)))`;

/** Brings the cluster up, puts the application on it, hands it to `use`, and removes the application again. */
export async function onChain<T>(
  parts: { readonly progress: Progress; readonly signal: AbortSignal; readonly now: Date },
  use: (chain: Chain) => Promise<T>,
): Promise<T> {
  const { progress, signal } = parts;
  const layout = layoutOf();
  const runId = runIdFor(parts.now, "bench");
  // From here on no run may begin on the node, nor anyone make it anew.
  await using _use = await useCluster(layout, `bench ${runId}`);
  using steps = clusterProgress(progress);
  const kube = await up(layout, steps, signal, { readyDeadlineMs: ms("clusterUp"), inUse: true });
  // Who has the node to himself needs no lease on its cluster.
  await removeLeftovers(kube, { deadlineMs: ms("tearDown"), clock: realClock, namespace: "zerodrop" });
  const { initPid } = stateSchema.parse(JSON.parse(await readFile(layout.stateFile, "utf8")));
  const staging = progress.phase("application");
  await using stage = await stageApplication(
    kube,
    {
      runId,
      namespace: "zerodrop",
      name: "zerodrop",
      version: "v1",
      image: IMAGES.ray,
      rayVersion: versions.ray,
      // Nothing is upgraded; the field has to be there.
      strategy: STRATEGIES[0] ?? { stepSizePercent: 100, intervalSeconds: 1, maxSurgePercent: 100 },
      profile: "small",
      serveIngress: "haproxy",
      gatewayClassName: DEFAULT_GATEWAY_CLASS,
      gatewayController: EMBEDDED_GATEWAYS[DEFAULT_GATEWAY_CLASS].controller,
    },
    {
      readyDeadlineMs: ms("applicationReady"),
      removeDeadlineMs: ms("tearDown"),
      signal,
      onProgress: (words) => {
        staging.update(words);
      },
    },
  );
  staging.done(`Ready at ${stage.url}`);
  const url = `${stage.url}/`;
  const network = `--net=/proc/${initPid}/ns/net`;
  // An accepted route reaches Envoy a moment later.
  await until(
    `an answer of the application at ${url}`,
    ms("applicationReady"),
    async () => ((await host("nsenter", network, "--", process.execPath, "-e", ASK, url)) === "200" ? true : undefined),
    { signal, everyMs: 500 },
  );
  return await use({ url, prefix: ["nsenter", network, "--"] });
}
