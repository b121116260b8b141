/** For tests only: a copy of the checkout, in which commands of the documentation are typed as they stand there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, glob, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative, sep } from "node:path";
import MarkdownIt from "markdown-it";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { withUnpacked } from "../../scripts/recordings.ts";
import { shellEnvironment } from "../pack/installed.ts";
import { PAGES, pagesOf } from "./doc-commands.ts";

/** What a command printed, and how it ended. */
export interface Typed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface DocPlace extends AsyncDisposable {
  readonly folder: string;
  /** Types a command there; `timeoutMs` ends it, with a code of null. */
  readonly type: (
    words: readonly string[],
    timeoutMs: number,
    env?: Readonly<Record<string, string>>,
  ) => Promise<Typed>;
}

/** Not copied: what git ignores, and what is large and no program reads. */
const LEFT_OUT = new Set(["node_modules", ".git", "reports"]);
/** Two that pass, for those who want two to compare. */
const RECORDINGS = ["aggressive-passes", "contour-passes"];

/**
 * The copy has its own results, which are kept recordings in the folders `recordings` (below results/), its own cache, its own folder for temporary files, and a
 * kubeconfig with the contexts that pages name, whose cluster does not answer. Packages are the checkout's.
 */
export async function docPlace(recordings: readonly string[]): Promise<DocPlace> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "zerodrop-docs-")));
  const folder = join(base, "checkout");
  const own = (path: string): boolean => {
    const [first = "", ...deeper] = relative(CHECKOUT, path).split(sep);
    return !LEFT_OUT.has(first) && (first !== "results" || deeper.length === 0);
  };
  await cp(CHECKOUT, folder, { recursive: true, filter: own });
  await symlink(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
  for (const name of ["tmp", "cache"]) await mkdir(join(base, name));
  for (const name of ["results", "tmp"]) await mkdir(join(folder, name), { recursive: true });
  for (const [index, name] of recordings.entries()) {
    const kept = join(CHECKOUT, "test/recordings", RECORDINGS[index % RECORDINGS.length] ?? "");
    await withUnpacked(kept, (unpacked) => cp(unpacked, join(folder, "results", name), { recursive: true }));
  }
  for (const [name, text] of Object.entries(await docFiles())) await writeFile(join(folder, name), text);
  const surroundings = {
    ...shellEnvironment(),
    KUBECONFIG: join(folder, "kubeconfig"),
    ZERODROP_CACHE: join(base, "cache"),
    // What one process has compiled the next one finds.
    NODE_COMPILE_CACHE: join(base, "cache/node"),
    TMPDIR: join(base, "tmp"),
    CI: "true",
    npm_config_update_notifier: "false",
  };
  return {
    folder,
    async type([program = "", ...args], timeoutMs, env = {}) {
      // The kubeconfig is this one whichever a page names.
      const { KUBECONFIG: kubeconfig } = surroundings;
      const child = spawn(program, args, {
        ...{ cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
        env: { ...surroundings, ...env, KUBECONFIG: kubeconfig },
        // A group of its own: npm does not pass SIGKILL on to what it runs.
        detached: true,
      });
      const told = { stdout: "", stderr: "" };
      child.stdout.on("data", (chunk: Buffer) => (told.stdout += chunk.toString("utf8")));
      child.stderr.on("data", (chunk: Buffer) => (told.stderr += chunk.toString("utf8")));
      const deadline = setTimeout(() => {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      }, timeoutMs);
      try {
        await once(child, "close");
        return { code: child.exitCode, ...told };
      } finally {
        clearTimeout(deadline);
      }
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}

/** With the contexts that pages name, of a cluster that does not answer: nobody listens at this port of loopback. */
const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: staging, cluster: { server: "https://127.0.0.1:9" } }]
users: [{ name: staging, user: { token: of-a-test } }]
contexts:
  - { name: staging, context: { cluster: staging, user: staging } }
  - { name: kind-zerodrop, context: { cluster: staging, user: staging } }
`;

/** Files that pages let a reader write and give no block for. */
const IN_WORDS: Readonly<Record<string, string>> = {
  "budget.yaml": "latencyBudget: 20\n",
  "strict.yaml": "latencyBudget: 1.5\n",
  // As certificate.sh beside it makes one.
  "examples/behind-https/ca.pem": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
};

/** Files of the checkout that commands name as they are. */
const AS_THEY_ARE = "{orchestrator/prove/fire/run.yaml,examples/*/*.{yaml,ts}}";
/** What docs/own-service.md has beside its zerodrop.yaml is an example's, as that page says. */
const COPIED = ["rayservice.yaml", "rayservice-v2.yaml"].map((name) => [name, `examples/chat/${name}`] as const);

/** Files that commands of the documentation read where they are typed: YAML blocks that begin with their name as a comment, what they name, and the kubeconfig. */
export async function docFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = { ...IN_WORDS, kubeconfig: KUBECONFIG };
  for (const { text } of await pagesOf(PAGES)) {
    for (const { type, info, content } of new MarkdownIt().parse(text, {})) {
      const name = /^# ([\w.-]+\.ya?ml)\n/.exec(content)?.[1];
      if (type === "fence" && info === "yaml" && name !== undefined) files[basename(name)] = content;
    }
  }
  const read = (path: string): Promise<string> => readFile(join(CHECKOUT, path), "utf8");
  for await (const path of glob(AS_THEY_ARE, { cwd: CHECKOUT })) files[path] = await read(path);
  for (const [name, path] of COPIED) files[name] = await read(path);
  return files;
}
