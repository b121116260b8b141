import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { K6_PORT, LEDGER_PORT } from "../../orchestrator/load/job.ts";
import { waitByWatch, type Wait } from "../../orchestrator/kube/wait.ts";
import type {
  KindRef,
  Kube,
  KubeObject,
  ObjectRef,
  ProxyRequest,
  Selector,
  WatchEvent,
} from "../../orchestrator/kube/kube.ts";
import type { Programs } from "./programs.ts";

const container = z.looseObject({
  name: z.string(),
  command: z.array(z.string()),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
});
const jobSpec = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({ initContainers: z.array(container), containers: z.array(container) }),
  }),
});
type Container = z.infer<typeof container>;

interface Running {
  readonly process: ChildProcess;
  exitCode: number | null;
}

type ProxyFault = (
  request: ProxyRequest,
  forward: () => Promise<{ status: number; body: string }>,
) => ReturnType<Kube["podProxy"]>;

/**
 * As much of Kubernetes as a load needs, on this machine: a Job becomes real processes with the commands and the
 * environment of its containers, images' paths and ports replaced by local ones; the pod proxy is a fetch to loopback.
 * It stands in for the cluster alone: k6, the ledger holder and the manifest are the real ones.
 */
export class LocalKube
  implements
    Pick<Kube, "apply" | "create" | "delete" | "get" | "list" | "logs" | "podProxy" | "waitFor">,
    AsyncDisposable
{
  readonly applied = new Map<string, KubeObject>();
  readonly deleted: string[] = [];
  readonly containers = new Map<string, Running>();
  /** Replaceable, to play a pod proxy with faults. */
  fault: ProxyFault = (_request, forward) => forward();
  readonly #programs: Programs;
  readonly #directory: string;
  readonly #ports: ReadonlyMap<number, number>;
  readonly #watchers = new Set<() => void>();
  #podExists = false;

  private constructor(programs: Programs, directory: string, ports: ReadonlyMap<number, number>) {
    this.#programs = programs;
    this.#directory = directory;
    this.#ports = ports;
  }

  static async start(programs: Programs): Promise<LocalKube> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "zerodrop-load-"));
    await mkdir(path.join(directory, "run"));
    await mkdir(path.join(directory, "scenario"));
    const [k6, ledger] = await freePorts();
    return new LocalKube(
      programs,
      directory,
      new Map([
        [K6_PORT, k6],
        [LEDGER_PORT, ledger],
      ]),
    );
  }

  async apply(object: KubeObject): Promise<KubeObject> {
    this.applied.set(object.kind, object);
    for (const [name, text] of Object.entries(z.record(z.string(), z.string()).parse(object["data"]))) {
      await writeFile(path.join(this.#directory, "scenario", name), text);
    }
    return Promise.resolve(object);
  }

  async create(object: KubeObject): Promise<KubeObject> {
    const { template } = jobSpec.parse(object["spec"]);
    for (const each of template.spec.initContainers) {
      const { process } = this.#run(each);
      await new Promise((resolve) => process.once("close", resolve));
    }
    for (const each of template.spec.containers) this.#run(each);
    this.#podExists = true;
    this.#tell();
    return { ...object, metadata: { ...object.metadata, uid: "uid-of-the-job" } };
  }

  /** Sends a signal to a container's process. */
  kill(name: string, signal: NodeJS.Signals): void {
    this.containers.get(name)?.process.kill(signal);
  }

  async delete(ref: ObjectRef): Promise<boolean> {
    this.deleted.push(ref.kind);
    if (ref.kind === "Job") {
      for (const { process } of this.containers.values()) process.kill("SIGKILL");
    }
    return Promise.resolve(true);
  }

  get(): Promise<KubeObject | undefined> {
    return Promise.resolve(this.#podExists ? this.#pod() : undefined);
  }

  list(): Promise<KubeObject[]> {
    return Promise.resolve([]);
  }

  async logs({ container = "" }: { container?: string }): Promise<string | undefined> {
    return readFile(path.join(this.#directory, `${container}.log`), "utf8");
  }

  podProxy(request: ProxyRequest): Promise<{ status: number; body: string }> {
    return this.fault(request, async () => {
      const { method, path: where, body = null, timeoutMs, signal } = request;
      const timeout = AbortSignal.timeout(timeoutMs);
      const response = await fetch(`http://127.0.0.1:${String(this.#ports.get(request.port))}${where}`, {
        method,
        body,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        ...(request.contentType === undefined ? {} : { headers: { "content-type": request.contentType } }),
      });
      return { status: response.status, body: await response.text() };
    });
  }

  waitFor<T>(kind: KindRef, selector: Selector, wait: Wait<T>): Promise<T> {
    return waitByWatch((_kind, _selector, onEvent, { signal }) => this.#watch(onEvent, signal), kind, selector, wait);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process, exitCode } of this.containers.values()) {
      if (exitCode !== null) continue;
      const closed = new Promise((resolve) => process.once("close", resolve));
      process.kill("SIGKILL");
      await closed;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #watch(onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void> {
    if (this.#podExists) onEvent({ type: "listed", object: this.#pod() });
    onEvent({ type: "synced", resourceVersion: "1" });
    const tell = (): void => {
      onEvent({ type: "modified", object: this.#pod() });
    };
    this.#watchers.add(tell);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener(
        "abort",
        () => {
          resolve();
        },
        { once: true },
      );
    });
    this.#watchers.delete(tell);
  }

  #tell(): void {
    for (const tell of this.#watchers) tell();
  }

  #run({ name, command, env }: Container): Running {
    const [program = "", ...args] = command.map((text) => this.#local(text));
    const log = createWriteStream(path.join(this.#directory, `${name}.log`));
    const process = spawn(program, args, {
      cwd: this.#directory,
      env: Object.fromEntries(env.map((each) => [each.name, this.#local(each.value)])),
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.stdout.pipe(log, { end: false });
    process.stderr.pipe(log, { end: false });
    const running: Running = { process, exitCode: null };
    this.containers.set(name, running);
    process.once("close", (code) => {
      running.exitCode = code ?? 137;
      log.end(() => {
        this.#tell();
      });
    });
    return running;
  }

  /** A text of the manifest with the pod's paths and addresses replaced. */
  #local(text: string): string {
    const port = (pods: number): string => `127.0.0.1:${String(this.#ports.get(pods))}`;
    if (text === "/k6") return this.#programs.k6;
    if (text === "/zerodrop-ledger") return this.#programs.ledger;
    return text
      .replace("/run/zerodrop", path.join(this.#directory, "run"))
      .replace("/scenario/", `${path.join(this.#directory, "scenario")}/`)
      .replace(`0.0.0.0:${String(K6_PORT)}`, port(K6_PORT))
      .replace(`=:${String(LEDGER_PORT)}`, `=${port(LEDGER_PORT)}`);
  }

  #pod(): KubeObject {
    const statuses = [...this.containers].map(([name, { exitCode }]) => ({
      name,
      state: exitCode === null ? { running: {} } : { terminated: { exitCode } },
    }));
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "load-pod" },
      status: { phase: "Running", containerStatuses: statuses },
    };
  }
}

/** Two ports that are free now. */
async function freePorts(): Promise<[number, number]> {
  const servers = [net.createServer(), net.createServer()];
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const [first = 0, second = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return [first, second];
}
