import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { buildAll, type Artefact, type BuildProgress } from "../artefacts/artefact.ts";
import { CHECKOUT } from "../artefacts/cache.ts";
import { runCommand } from "../artefacts/command.ts";
import { goArtefact } from "../artefacts/go.ts";
import { ARTEFACTS } from "../artefacts/list.ts";
import { takeLock } from "../artefacts/lock.ts";
import type { GeneratorName } from "./names.ts";

const DOWNLOAD_MS = 10 * 60_000;
const BUILD_MS = 45 * 60_000;

/** Locust runs on Debian's own Python; another one may be built with other optimisations. */
export const PYTHON = "/usr/bin/python3";
const REQUIREMENTS = "scripts/bench/locust/requirements.txt";

/**
 * wrk and the libraries it needs, unpacked from the archive's packages: nothing is installed, and root is not needed. With lists of its
 * own, because those of the host may be missing or old.
 */
const WRK: Artefact = {
  name: "wrk",
  lane: "image",
  needs: [],
  inputs: [],
  parameters: { revision: "1", packages: "wrk libluajit-5.1-2 libssl3" },
  build: async ({ out, logFile, signal }) => {
    const apt = join(out, "apt");
    await mkdir(join(apt, "lists", "partial"), { recursive: true });
    await mkdir(join(apt, "cache", "archives", "partial"), { recursive: true });
    const options = { cwd: apt, logFile, timeoutMs: DOWNLOAD_MS, signal };
    const own = ["-o", `Dir::State::Lists=${join(apt, "lists")}`, "-o", `Dir::Cache=${join(apt, "cache")}`];
    await runCommand("apt-get", [...own, "update"], options);
    await runCommand("apt-get", [...own, "download", ...(WRK.parameters["packages"] ?? "").split(" ")], options);
    for (const file of await readdir(apt)) {
      if (file.endsWith(".deb")) await runCommand("dpkg-deb", ["--extract", join(apt, file), out], options);
    }
    await rm(apt, { recursive: true });
  },
};

/** Locust from PyPI, in a folder of its own: every package pinned with the checksum of its wheel for Debian 12's Python. */
const LOCUST: Artefact = {
  name: "locust",
  lane: "image",
  needs: [],
  inputs: [REQUIREMENTS],
  parameters: { revision: "1", python: "3.11" },
  build: async ({ out, logFile, signal }) => {
    const choice = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.11", "--require-hashes"];
    const quiet = ["--no-cache-dir", "--disable-pip-version-check", "--root-user-action", "ignore"];
    await runCommand(
      "python3",
      ["-m", "pip", "install", ...quiet, ...choice, "--target", out, "--requirement", join(CHECKOUT, REQUIREMENTS)],
      { logFile, timeoutMs: DOWNLOAD_MS, signal },
    );
  },
};

/** The echo server and the program that measures; the cluster needs neither. */
const BENCH = goArtefact("bench", "scripts/bench/go", { echo: "./echo", measure: "./measure" });

const needed = (name: GeneratorName): readonly string[] => {
  switch (name) {
    case "wrk":
      return ["wrk"];
    case "locust":
    case "locust-fast":
      return ["locust"];
    case "k6":
    case "k6-json":
    case "k6-csv":
      return ["k6"];
    case "k6-ledger":
    case "k6-dashboard":
      return ["k6", "ledger"];
  }
};

/** Where the parts of the bench lie. */
export interface Programs {
  readonly echo: string;
  readonly measure: string;
  /** Folder of an artefact; throws when it was not among what was asked for. */
  readonly folderOf: (artefact: "wrk" | "locust" | "k6" | "ledger") => string;
}

/** Builds what these generators need and is missing: k6 and the holder are the ones that the load's image is made of. */
export async function benchPrograms(
  generators: readonly GeneratorName[],
  options: { readonly progress: BuildProgress; readonly signal: AbortSignal },
): Promise<Programs> {
  const layout = layoutOf();
  const names = new Set([BENCH.name, ...generators.flatMap(needed)]);
  await using _lock = await takeLock(layout.lock, { holder: "bench", timeoutMs: BUILD_MS, signal: options.signal });
  const wanted = [BENCH, ...ARTEFACTS, WRK, LOCUST].filter(({ name }) => names.has(name));
  const built = await buildAll(wanted, { cache: layout.cache, ...options });
  const folderOf = (name: string): string => {
    const found = built.get(name);
    if (found === undefined) throw new Error(`${name} was not asked for.`);
    return found.dir;
  };
  const own = folderOf(BENCH.name);
  return { echo: join(own, "echo"), measure: join(own, "measure"), folderOf };
}
