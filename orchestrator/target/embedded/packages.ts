import { access, constants, readFile, unlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runCommand } from "../../../scripts/artefacts/command.ts";
import { SetUpError } from "../../plan/errors.ts";

/** Debian packages the node is made of, each with a file by which its presence is told. */
export const NODE_PACKAGES: Readonly<Record<string, string>> = {
  buildah: "buildah",
  conntrack: "conntrack",
  containerd: "containerd",
  "containernetworking-plugins": "/usr/lib/cni/bridge",
  "etcd-server": "etcd",
  iproute2: "ip",
  mmdebstrap: "mmdebstrap",
  nftables: "nft",
  openssl: "openssl",
  runc: "runc",
  tini: "tini",
  "util-linux": "nsenter",
};

async function present(probe: string): Promise<boolean> {
  const places = probe.startsWith("/")
    ? [probe]
    : [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"].map((directory) =>
        join(directory, probe),
      );
  for (const place of places) {
    const usable = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return true;
  }
  return false;
}

/** Debian packages that are not there, by name. */
export async function missingPackages(): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, probe] of Object.entries(NODE_PACKAGES)) if (!(await present(probe))) missing.push(name);
  return missing;
}

/** The command that installs packages, for people. */
export function installCommand(packages: readonly string[]): string {
  return `apt-get update && apt-get install --yes --no-install-recommends ${packages.join(" ")}`;
}

const POLICY = "/usr/sbin/policy-rc.d";
const OWN_POLICY = "#!/bin/sh\n# zerodrop: no services while packages are installed\nexit 101\n";

/**
 * Installs Debian packages as root. Services they bring (containerd, etcd) are kept from starting on the host: the node
 * starts its own, in its own namespaces.
 */
export async function installPackages(
  packages: readonly string[],
  logFile: string,
  signal?: AbortSignal,
): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new SetUpError(`Debian packages are missing; as root, run: ${installCommand(packages)}`);
  }
  const present = await readFile(POLICY, "utf8").catch(() => undefined);
  // Ours also when a killed installation left it: the mark in it says so.
  const ownPolicy = present === undefined || present === OWN_POLICY;
  if (ownPolicy) await writeFile(POLICY, OWN_POLICY, { mode: 0o755 });
  try {
    const options = { logFile, timeoutMs: 300_000, signal, env: { DEBIAN_FRONTEND: "noninteractive" } };
    // A new machine may be installing its own updates.
    const patience = ["-o", "DPkg::Lock::Timeout=120"];
    await runCommand("apt-get", ["update"], options);
    await runCommand("apt-get", [...patience, "install", "--yes", "--no-install-recommends", ...packages], options);
  } finally {
    if (ownPolicy) await unlink(POLICY);
  }
}
