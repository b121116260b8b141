import { access, constants, stat, unlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runCommand } from "../../../scripts/artefacts/command.ts";
import { SetUpError } from "../../plan/errors.ts";

/** Debian packages the node is made of, each with a file by which its presence is told. */
const PACKAGES: Readonly<Record<string, string>> = {
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
  for (const [name, probe] of Object.entries(PACKAGES)) if (!(await present(probe))) missing.push(name);
  return missing;
}

/** The command that installs packages, for people. */
export function installCommand(packages: readonly string[]): string {
  return `apt-get update && apt-get install --yes --no-install-recommends ${packages.join(" ")}`;
}

const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Installs Debian packages as root. Services they bring (containerd, etcd) are kept from starting on the host: the node
 * starts its own, in its own namespaces.
 */
export async function installPackages(packages: readonly string[], logFile: string): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new SetUpError(`Debian packages are missing; as root, run: ${installCommand(packages)}`);
  }
  const ownPolicy = await stat(POLICY).then(
    () => false,
    () => true,
  );
  if (ownPolicy) await writeFile(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const options = { logFile, timeoutMs: 300_000, env: { DEBIAN_FRONTEND: "noninteractive" } };
    await runCommand("apt-get", ["update"], options);
    await runCommand("apt-get", ["install", "--yes", "--no-install-recommends", ...packages], options);
  } finally {
    if (ownPolicy) await unlink(POLICY);
  }
}
