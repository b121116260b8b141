import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";

/** An empty project into which the packed zerodrop was installed. */
export interface Installed extends AsyncDisposable {
  /** Where its user stands. */
  readonly project: string;
  /** The package below node_modules. */
  readonly folder: string;
  /** Paths of the files in the tarball. */
  readonly packed: readonly string[];
}

/** What a program printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MINUTE_MS = 60_000;
const packedSchema = z
  .tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })])
  .or(z.record(z.string(), z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })));

/** As of a shell outside of any npm script: the checkout's own programs and its npm script's folder would be found otherwise. */
export function shellEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:npm_(?:package|lifecycle)_.*|npm_config_local_prefix|npm_command|INIT_CWD|NODE_OPTIONS)$/.test(name),
  );
  const path = (process.env["PATH"] ?? "").split(":").filter((place) => !place.endsWith("node_modules/.bin"));
  return { ...Object.fromEntries(kept), PATH: path.join(":") };
}

/** Runs a program to its end; rejects when it cannot be started or takes longer than `timeout`, in ms. */
export function ran(program: string, args: readonly string[], cwd: string, timeout = 5 * MINUTE_MS): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: shellEnvironment(), timeout, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") resolve({ code, stdout, stderr });
      else reject(error ?? new Error(`${program} was not started.`));
    });
  });
}

/** Packs this checkout and installs the tarball, as somebody does who has no checkout. */
export async function installed(): Promise<Installed> {
  const home = await mkdtemp(join(tmpdir(), "zerodrop-pack-"));
  const project = join(home, "project");
  await mkdir(project);
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "somebodys", version: "1.0.0", private: true }),
  );
  // Of a project of another kind: it must not change how the package is read.
  const compilerOptions = { jsx: "react", experimentalDecorators: true, paths: { "*": ["./nowhere/*"] } };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const { stdout } = await npm(["pack", "--json", "--pack-destination", home], CHECKOUT);
  const told = packedSchema.parse(JSON.parse(stdout));
  const [pack] = Object.values(told);
  if (pack === undefined) throw new Error("npm packed nothing.");
  // The first as docs/ci.md has it, the second as docs/install.md: it finds everything in place, and keeps it in package.json.
  const tarball = join(home, pack.filename);
  await npm(["install", "--no-save", tarball], project);
  await npm(["install", "--save-dev", tarball], project);
  return {
    project,
    folder: join(project, "node_modules/zerodrop"),
    packed: pack.files.map(({ path }) => path),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

async function npm(args: readonly string[], cwd: string): Promise<Ended> {
  const ended = await ran("npm", args, cwd);
  if (ended.code !== 0) throw new Error(`npm ${args.join(" ")} failed: ${ended.stderr}`);
  return ended;
}

/** Every file below a folder with the digest of what it holds. */
export async function contentsOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digests = new Map<string, string>();
  for (const file of files.sort()) {
    digests.set(
      file,
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    );
  }
  return digests;
}
