import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CHECKOUT } from "./cache.ts";
import { removeTree } from "./remove-tree.ts";

/** What a recipe gets to build with. */
export interface BuildContext {
  /** Folder to put the artefact's files in; it becomes the artefact only when the recipe has returned. */
  readonly out: string;
  readonly logFile: string;
  readonly cache: string;
  /** Folder of an artefact named in `needs`. */
  readonly dirOf: (name: string) => string;
  readonly signal?: AbortSignal | undefined;
}

/** Something that is built once and kept until one of its inputs changes. */
export interface Artefact {
  readonly name: string;
  /** Artefacts of one lane are built one after another, lanes beside each other. */
  readonly lane: "go" | "image";
  readonly needs: readonly string[];
  /** Files or folders of the checkout, relative to it, whose contents decide whether it is rebuilt. */
  readonly inputs: readonly string[];
  /** Further values that decide it: versions, flags, and the recipe's own revision. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly build: (context: BuildContext) => Promise<void>;
}

export interface BuildProgress {
  started(name: string): void;
  finished(name: string, seconds: number): void;
  failed(name: string): void;
  /** It was there already. */
  kept(name: string): void;
}

/** What Go's own tests are made of is in no build, and not in the npm package, from which the same is to be built. */
const OF_GO_TESTS = /^testdata$|_test\.go$/;

async function hashPath(hash: ReturnType<typeof createHash>, path: string, label: string): Promise<void> {
  const entry = await stat(path);
  if (entry.isDirectory()) {
    const names = (await readdir(path)).filter((name) => !OF_GO_TESTS.test(name)).sort();
    for (const name of names) await hashPath(hash, join(path, name), `${label}/${name}`);
    return;
  }
  hash
    .update(`${label}\0`)
    .update(await readFile(path))
    .update("\0");
}

/** Content digest of an artefact's inputs but for Go's tests, its parameters and the digests of what it needs. 16 hex digits. */
export async function digestOf(artefact: Artefact, needs: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const input of artefact.inputs) await hashPath(hash, join(CHECKOUT, input), input);
  hash.update(JSON.stringify([artefact.name, Object.entries(artefact.parameters).sort(), needs]));
  return hash.digest("hex").slice(0, 16);
}

/** Folder and digest of every artefact, by name. */
export type Built = ReadonlyMap<string, { readonly dir: string; readonly digest: string }>;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes every artefact present in the cache and returns where each lies.
 *
 * An artefact is built in a folder beside its place and moved there when it is whole, so an interrupted build is never
 * half used: what it left is removed by the next one. The caller holds the cache's lock.
 */
export async function buildAll(
  artefacts: readonly Artefact[],
  options: { cache: string; progress: BuildProgress; signal?: AbortSignal | undefined },
): Promise<Built> {
  const built = new Map<string, { dir: string; digest: string }>();
  // One failed artefact ends the others too: nobody should wait ten minutes for a message that is known now.
  const failure = new AbortController();
  const signal = options.signal === undefined ? failure.signal : AbortSignal.any([options.signal, failure.signal]);
  const pending = new Map<string, Promise<void>>();
  const laneEnd = new Map<string, Promise<void>>();

  const buildOne = async (artefact: Artefact, before: Promise<void> | undefined): Promise<void> => {
    await Promise.all(
      artefact.needs.map((name) => pending.get(name) ?? Promise.reject(new Error(`no artefact ${name}`))),
    );
    const digest = await digestOf(
      artefact,
      artefact.needs.map((name) => built.get(name)?.digest ?? ""),
    );
    const home = join(options.cache, "artefacts", artefact.name);
    const dir = join(home, digest);
    if (await exists(dir)) {
      built.set(artefact.name, { dir, digest });
      options.progress.kept(artefact.name);
      return;
    }
    await before;
    signal.throwIfAborted();
    options.progress.started(artefact.name);
    const startedAt = performance.now();
    const out = `${dir}.partial`;
    await removeTree(out);
    await mkdir(out, { recursive: true });
    const logFile = join(options.cache, "logs", `build-${artefact.name}.log`);
    await rm(logFile, { force: true });
    const building = artefact.build({
      out,
      logFile,
      cache: options.cache,
      signal,
      dirOf: (name) => {
        const need = built.get(name);
        if (need === undefined) throw new Error(`${artefact.name} uses ${name} without needing it`);
        return need.dir;
      },
    });
    await building.catch((error: unknown) => {
      options.progress.failed(artefact.name);
      throw error;
    });
    const seconds = (performance.now() - startedAt) / 1000;
    await writeFile(join(out, ".built.json"), JSON.stringify({ seconds, at: new Date().toISOString() }));
    await rename(out, dir);
    // Older digests are of no more use, and large.
    for (const other of await readdir(home)) {
      if (other !== digest) await removeTree(join(home, other));
    }
    built.set(artefact.name, { dir, digest });
    options.progress.finished(artefact.name, seconds);
  };

  for (const artefact of artefacts) {
    const work = buildOne(artefact, laneEnd.get(artefact.lane)).catch((error: unknown) => {
      failure.abort(error);
      throw error;
    });
    pending.set(artefact.name, work);
    // One that is kept is done at once, and must not let the next begin beside the one before it.
    const before = laneEnd.get(artefact.lane);
    laneEnd.set(
      artefact.lane,
      Promise.all([before, work]).then(() => undefined),
    );
  }
  await Promise.allSettled([...pending.values(), ...laneEnd.values()]);
  options.signal?.throwIfAborted();
  // The abort's reason is the first failure; the others are its consequences.
  if (failure.signal.aborted) throw failure.signal.reason;
  return built;
}
