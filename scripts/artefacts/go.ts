import { join, resolve } from "node:path";
import type { Artefact, BuildContext } from "./artefact.ts";
import { CHECKOUT } from "./cache.ts";
import { runCommand } from "./command.ts";

export const GO_ENVIRONMENT = { CGO_ENABLED: "0", GOFLAGS: "-trimpath -buildvcs=false" };
/** A go.work above the package belongs to whoever installed it. In no digest: it changes nothing of what is built. */
export const NO_WORKSPACE = { GOWORK: "off" };
/** Generous: the first build of Kubernetes compiles about 2,500 packages. */
const GO_TIMEOUT_MS = 40 * 60_000;

export async function goBuild(
  context: BuildContext,
  module: string,
  target: string,
  binary: string,
  stamps = "",
): Promise<void> {
  await runCommand(
    "go",
    [
      "build",
      "-C",
      resolve(CHECKOUT, module),
      "-ldflags",
      `-s -w ${stamps}`.trim(),
      "-o",
      join(context.out, binary),
      target,
    ],
    {
      env: { ...GO_ENVIRONMENT, ...NO_WORKSPACE },
      logFile: context.logFile,
      timeoutMs: GO_TIMEOUT_MS,
      signal: context.signal,
    },
  );
}

/**
 * A static Go binary (or several) from a module of the checkout, whose go.mod and go.sum pin and checksum everything.
 * `binaries` maps a binary's name to its package, `stamps` a variable to the text the linker sets it to.
 */
export function goArtefact(
  name: string,
  module: string,
  binaries: Readonly<Record<string, string>>,
  stamps: Readonly<Record<string, string>> = {},
): Artefact {
  const flags = Object.entries(stamps).map(([variable, text]) => `-X ${variable}=${text}`);
  return {
    name,
    lane: "go",
    needs: [],
    inputs: [module],
    parameters: { revision: "1", ...GO_ENVIRONMENT, ...binaries, ...stamps },
    build: async (context) => {
      for (const [binary, target] of Object.entries(binaries)) {
        await goBuild(context, module, target, binary, flags.join(" "));
      }
    },
  };
}

/** Module and folder of what zerodrop builds into k6. */
const LEDGER = { module: "zerodrop.dev/k6/ledger", folder: "k6/ledger" } as const;

/**
 * k6 with the ledger built in, by xk6 (itself pinned by a module of the checkout). k6's modules are checked against the
 * checksum database.
 */
export function k6Artefact(version: string): Artefact {
  return {
    name: "k6",
    lane: "go",
    needs: [],
    inputs: ["scripts/go/k6", LEDGER.folder],
    parameters: { revision: "2", version, ...GO_ENVIRONMENT },
    build: async (context) => {
      const xk6 = join(context.out, "xk6");
      await goBuild(context, "scripts/go/k6", "go.k6.io/xk6", "xk6");
      const ledger = `${LEDGER.module}=${join(CHECKOUT, LEDGER.folder)}`;
      await runCommand(xk6, ["build", `v${version}`, "--with", ledger, "--output", join(context.out, "k6")], {
        cwd: context.out,
        env: { ...GO_ENVIRONMENT, ...NO_WORKSPACE },
        logFile: context.logFile,
        timeoutMs: GO_TIMEOUT_MS,
        signal: context.signal,
      });
    },
  };
}
