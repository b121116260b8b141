import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { ADDRESSES } from "./layout.ts";
import { until } from "./processes.ts";

function readyz(ca: Buffer): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: ADDRESSES.node, port: 6443, path: "/readyz?verbose", ca, timeout: 2_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
        });
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer within 2 s")));
    request.on("error", reject);
  });
}

/**
 * Waits until the API server calls itself ready, which includes the roles of the other daemons: started earlier they
 * would be refused and give up. `stillAlive` throws when there is nobody left to wait for.
 */
export async function waitApiServerReady(
  caFile: string,
  options: { deadlineMs: number; signal?: AbortSignal | undefined; stillAlive: () => Promise<void> },
): Promise<void> {
  const ca = await readFile(caFile);
  let dead: Error | undefined;
  await until(
    "the API server to be ready",
    options.deadlineMs,
    async () => {
      await options.stillAlive().catch((error: unknown) => {
        dead = error instanceof Error ? error : new Error(String(error));
      });
      if (dead !== undefined) return true;
      const { status, body } = await readyz(ca);
      if (status === 200) return true;
      throw new Error(
        `${String(status)}: ${body
          .split("\n")
          .filter((line) => line.startsWith("[-]"))
          .join(" ")}`,
      );
    },
    { everyMs: 100, signal: options.signal },
  );
  if (dead !== undefined) throw dead;
}
