import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { serveConfigSchema, type Example, type Spec } from "./example.ts";

/** Name by which answers tell their RayCluster, as KubeRay would write it into the pod. */
export const CLUSTER = "letters-abc12";
const HARNESS = join(import.meta.dirname, "serve-example.py");

/** Where Python finds Ray with Serve: by itself (""), or in the image that was built and unpacked for the embedded cluster; undefined where it does not. */
function pathOfServe(): string | undefined {
  const unpacked = "root/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs/usr/local/lib/python3*/dist-packages";
  return [
    "",
    ...globSync(unpacked, { cwd: layoutOf().imageStore }).map((path) => join(layoutOf().imageStore, path)),
  ].find(
    (path) =>
      spawnSync("python3", ["-c", "from ray import serve; import fastapi, uvicorn"], { env: pythonEnv(path) })
        .status === 0,
  );
}

const serve = pathOfServe();
/** Why examples cannot be served here; false where they can. */
export const NO_SERVE =
  serve === undefined ? "Python has no Ray with Serve, and the embedded cluster's image is not there" : false;

/** Runs Python with an example's code at hand and nothing else; its standard output. Throws with what it said when it fails. */
export async function pythonOf({ code }: Example, program: string): Promise<string> {
  await using folder = await codeFolder(code);
  const { status, stdout, stderr } = spawnSync("python3", ["-c", program], {
    env: pythonEnv(folder.path),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** An example's applications as a spec has them, served on loopback until the end of the scope. */
export async function served({ code }: Example, spec: Spec): Promise<{ readonly url: string } & AsyncDisposable> {
  if (serve === undefined) throw new Error(String(NO_SERVE));
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await codeFolder(code));
  const config = serveConfigSchema.parse(parse(spec.serveConfigV2));
  const python = spawn("python3", [HARNESS, JSON.stringify(config)], {
    env: { ...pythonEnv(folder.path + delimiter + serve), RAY_CLUSTER_NAME: CLUSTER },
    stdio: ["ignore", "pipe", "pipe"],
  });
  undo.defer(async () => {
    if (python.exitCode !== null || !python.kill("SIGKILL")) return;
    await once(python, "exit");
  });
  let said = "";
  python.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  for await (const port of createInterface(python.stdout)) {
    const all = undo.move();
    return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => all.disposeAsync() };
  }
  throw new Error(`the example's server ended: ${said}`);
}

async function codeFolder(code: Example["code"]): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "zerodrop-example-"));
  for (const [name, text] of Object.entries(code)) await writeFile(join(path, name), text);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes nothing beside what it reads: the packages may be those of an image. */
function pythonEnv(path: string): Record<string, string | undefined> {
  return { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1", RAY_USAGE_STATS_ENABLED: "0" };
}
