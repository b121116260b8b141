import type { EmbeddedStatus } from "../target/embedded/embedded.ts";
import { down, memoryOfNode, reset, status, up } from "../target/embedded/embedded.ts";
import { layoutOf } from "../target/embedded/layout.ts";
import { prerequisites } from "../target/embedded/prerequisites.ts";
import { DEADLINES } from "../plan/deadlines.ts";
import type { ClusterCommand } from "./cluster-args.ts";
import { runKindCluster, type KindParts } from "./cluster-kind.ts";
import { clusterProgress } from "./cluster-progress.ts";
import { EXIT } from "./exit.ts";
import { runRemovePlatform } from "./remove-platform.ts";
import { typed } from "./started.ts";

function describe(found: EmbeddedStatus): string {
  const lines: string[] = [];
  if (found.running) {
    const minutes = (Date.now() - Date.parse(found.startedAt ?? "")) / 60_000;
    lines.push(`The embedded cluster is up since ${found.startedAt ?? "?"} (${minutes.toFixed(0)} min).`);
  } else if (found.startedAt !== undefined) {
    lines.push(
      `The embedded cluster was started at ${found.startedAt} but is not whole; ${typed("cluster up")} recovers it.`,
    );
  } else {
    lines.push(`The embedded cluster is not running; ${typed("cluster up")} starts it.`);
  }
  for (const [name, alive] of Object.entries(found.daemons)) lines.push(`  ${alive ? "✓" : "✗"} ${name}`);
  if (found.startedAt !== undefined) {
    lines.push(`  ${found.apiServerAnswers ? "✓" : "✗"} API server answers`, `kubeconfig: ${found.kubeconfig}`);
  }
  for (const leftover of found.leftovers) lines.push(`  left over: ${leftover}`);
  return `${lines.join("\n")}\n`;
}

/** `npm run cluster -- ACTION`. Results go to `print`; resolves to the exit code. */
export async function runCluster(command: ClusterCommand, parts: KindParts): Promise<number> {
  const { action, context, dryRun } = command;
  if (context !== undefined) return runRemovePlatform({ context, dryRun }, parts);
  if (command.target === "kind") return runKindCluster(command, parts);
  const layout = layoutOf();
  if (action === "check") {
    const found = await prerequisites(layout.cache);
    const width = Math.max(...found.map(({ name }) => name.length));
    for (const { name, ok, found: state } of found) parts.print(`${ok ? "✓" : "✗"} ${name.padEnd(width)}  ${state}\n`);
    return found.every(({ ok }) => ok) ? 0 : EXIT.setUpFailed;
  }
  if (action === "status") {
    const found = await status(layout);
    parts.print(describe(found));
    if (found.running)
      parts.print(`memory: ${((await memoryOfNode(layout)) / 1024 ** 3).toFixed(2)} GiB, daemons and pods together\n`);
    return found.running ? 0 : EXIT.setUpFailed;
  }
  using progress = clusterProgress(parts.progress);
  if (action === "down") await down(layout, progress, parts.signal);
  else if (action === "reset") await reset(layout, progress, parts.signal);
  else {
    await up(layout, progress, parts.signal, { readyDeadlineMs: DEADLINES.clusterUp.seconds * 1000, inUse: false });
    parts.print(describe(await status(layout)));
  }
  return 0;
}
