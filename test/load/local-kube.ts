import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
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
  envFrom: z.array(z.object({ secretRef: z.object({ name: z.string() }) })).default([]),
});
const jobSpec = z.looseObject({
  completionMode: z.literal("Indexed"),
  completions: z.number(),
  parallelism: z.number(),
  template: z.looseObject({
    spec: z.looseObject({ initContainers: z.array(container), containers: z.array(container) }),
  }),
});
type Container = z.infer<typeof container>;

interface Running {
  readonly process: ChildProcess;
  exitCode: number | null;
}

/** A pod of the Job: a folder and ports of its own. */
interface LocalPod {
  readonly index: number;
  readonly directory: string;
  readonly ports: ReadonlyMap<number, number>;
  readonly containers: Map<string, Running>;
}

type ProxyFault = (
  request: ProxyRequest,
  forward: () => Promise<{ status: number; body: string }>,
) => ReturnType<Kube["podProxy"]>;

/**
 * As much of Kubernetes as a load needs, on this machine: the pods of an Indexed Job become real processes with the commands and
 * the environment of their containers, images' paths and ports replaced by local ones, Secrets filled in where they are
 * asked for; the pod proxy is a fetch to loopback. It stands in for the cluster alone: k6, the ledger holder and the manifest are the real ones.
 */
export class LocalKube
  implements
    Pick<Kube, "apply" | "create" | "delete" | "get" | "list" | "logs" | "podProxy" | "waitFor">,
    AsyncDisposable
{
  /** By kind, as they were last applied. */
  readonly applied = new Map<string, KubeObject>();
  /** Jobs as they were created. */
  readonly created: KubeObject[] = [];
  readonly deleted: string[] = [];
  /** Replaceable, to play a pod proxy with faults. */
  fault: ProxyFault = (_request, forward) => forward();
  readonly #programs: Programs;
  readonly #directory: string;
  readonly #watchers = new Set<() => void>();
  readonly #pods: LocalPod[] = [];
  /** Pods exist for others once all of their containers run. */
  #podsExist = false;

  private constructor(programs: Programs, directory: string) {
    this.#programs = programs;
    this.#directory = directory;
  }

  static async start(programs: Programs): Promise<LocalKube> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "zerodrop-load-"));
    await mkdir(path.join(directory, "scenario"));
    return new LocalKube(programs, directory);
  }

  async apply(object: KubeObject): Promise<KubeObject> {
    this.applied.set(object.kind, object);
    const data = z.record(z.string(), z.string()).parse(object["data"]);
    for (const [name, text] of object.kind === "ConfigMap" ? Object.entries(data) : []) {
      // Whole or not at all: it is applied once more while k6 reads it.
      const file = path.join(this.#directory, "scenario", name);
      await writeFile(`${file}.partial`, text);
      await rename(`${file}.partial`, file);
    }
    return Promise.resolve(object);
  }

  async create(object: KubeObject): Promise<KubeObject> {
    this.created.push(object);
    const { template, completions } = jobSpec.parse(object["spec"]);
    for (let index = 0; index < completions; index += 1) {
      const directory = path.join(this.#directory, `pod-${String(index)}`);
      await mkdir(path.join(directory, "run"), { recursive: true });
      this.#pods.push({ index, directory, ports: await freePorts(), containers: new Map() });
    }
    for (const pod of this.#pods) {
      for (const each of template.spec.initContainers) {
        const { process } = this.#run(pod, each);
        await new Promise((resolve) => process.once("close", resolve));
      }
      for (const each of template.spec.containers) this.#run(pod, each);
    }
    this.#podsExist = true;
    this.#tell();
    return { ...object, metadata: { ...object.metadata, uid: "uid-of-the-job" } };
  }

  /** Sends a signal to a container's process in the pod of that number. */
  kill(name: string, signal: NodeJS.Signals, index = 0): void {
    this.#pods[index]?.containers.get(name)?.process.kill(signal);
  }

  async delete(ref: ObjectRef): Promise<boolean> {
    this.deleted.push(ref.kind);
    if (ref.kind === "Job") {
      for (const { process } of this.#running()) process.kill("SIGKILL");
    }
    return Promise.resolve(true);
  }

  get({ name }: ObjectRef): Promise<KubeObject | undefined> {
    return Promise.resolve(this.#objects().find(({ metadata }) => metadata.name === name));
  }

  list(): Promise<KubeObject[]> {
    return Promise.resolve([]);
  }

  async logs({
    name = podName(0),
    container = "",
  }: {
    name?: string;
    container?: string;
  }): Promise<string | undefined> {
    const pod = this.#pods.find(({ index }) => podName(index) === name);
    return pod === undefined ? undefined : readFile(path.join(pod.directory, `${container}.log`), "utf8");
  }

  podProxy(request: ProxyRequest): Promise<{ status: number; body: string }> {
    return this.fault(request, async () => {
      const { method, path: where, body = null, timeoutMs, signal } = request;
      const timeout = AbortSignal.timeout(timeoutMs);
      const pod = this.#pods.find(({ index }) => podName(index) === request.pod);
      const response = await fetch(`http://127.0.0.1:${String(pod?.ports.get(request.port))}${where}`, {
        method,
        body,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        ...(request.contentType === undefined ? {} : { headers: { "content-type": request.contentType } }),
      });
      return { status: response.status, body: await response.text() };
    });
  }

  waitFor<T>(kind: KindRef, selector: Selector, wait: Wait<T>): Promise<T> {
    const name = /^metadata\.name=(.+)$/.exec(selector.fieldSelector ?? "")?.[1];
    return waitByWatch(
      (_kind, _selector, onEvent, { signal }) => this.#watch(onEvent, signal, name),
      kind,
      selector,
      wait,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process, exitCode } of this.#running()) {
      if (exitCode !== null) continue;
      const closed = new Promise((resolve) => process.once("close", resolve));
      process.kill("SIGKILL");
      await closed;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #watch(onEvent: (event: WatchEvent) => void, signal: AbortSignal, name?: string): Promise<void> {
    const objects = (): KubeObject[] =>
      this.#objects().filter(({ metadata }) => name === undefined || metadata.name === name);
    for (const object of objects()) onEvent({ type: "listed", object });
    onEvent({ type: "synced", resourceVersion: "1" });
    const tell = (): void => {
      for (const object of objects()) onEvent({ type: "modified", object });
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

  #running(): Running[] {
    return this.#pods.flatMap(({ containers }) => [...containers.values()]);
  }

  #run(pod: LocalPod, container: Container): Running {
    const { name, command } = container;
    const environment = this.#environmentOf(pod, container);
    const [program = "", ...args] = command.map((text) => this.#local(pod, expanded(text, environment)));
    const log = createWriteStream(path.join(pod.directory, `${name}.log`));
    const process = spawn(program, args, {
      cwd: pod.directory,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.stdout.pipe(log, { end: false });
    process.stderr.pipe(log, { end: false });
    const running: Running = { process, exitCode: null };
    pod.containers.set(name, running);
    process.once("close", (code) => {
      running.exitCode = code ?? 137;
      log.end(() => {
        this.#tell();
      });
    });
    return running;
  }

  /** A container's own variables go before those of Secrets, and an Indexed Job adds the pod's number. */
  #environmentOf(pod: LocalPod, { env, envFrom }: Container): Record<string, string> {
    const environment: Record<string, string> = { JOB_COMPLETION_INDEX: String(pod.index) };
    for (const { secretRef } of envFrom) {
      const secret = this.applied.get("Secret");
      if (secret?.metadata.name !== secretRef.name) throw new Error(`There is no Secret ${secretRef.name}.`);
      for (const [name, value] of Object.entries(z.record(z.string(), z.string()).parse(secret["data"]))) {
        environment[name] = Buffer.from(value, "base64").toString();
      }
    }
    for (const { name, value } of env) environment[name] = this.#local(pod, value);
    return environment;
  }

  /** A text of the manifest with the pod's paths and addresses replaced. */
  #local(pod: LocalPod, text: string): string {
    const port = (pods: number): string => `127.0.0.1:${String(pod.ports.get(pods))}`;
    if (text === "/k6") return this.#programs.k6;
    if (text === "/zerodrop-ledger") return this.#programs.ledger;
    return text
      .replace("/run/zerodrop", path.join(pod.directory, "run"))
      .replace("/scenario/", `${path.join(this.#directory, "scenario")}/`)
      .replace(`0.0.0.0:${String(K6_PORT)}`, port(K6_PORT))
      .replace(`=:${String(LEDGER_PORT)}`, `=${port(LEDGER_PORT)}`);
  }

  #objects(): KubeObject[] {
    return this.#podsExist ? this.#pods.map(objectOf) : [];
  }
}

function podName(index: number): string {
  return `load-pod-${String(index)}`;
}

function objectOf({ index, containers }: LocalPod): KubeObject {
  const statuses = [...containers].map(([name, { exitCode }]) => ({
    name,
    state: exitCode === null ? { running: {} } : { terminated: { exitCode } },
  }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: podName(index),
      annotations: { "batch.kubernetes.io/job-completion-index": String(index) },
    },
    status: { phase: "Running", containerStatuses: statuses },
  };
}

/** `$(NAME)` becomes the variable's value, as Kubernetes has it for a container's command; an unknown one stays. */
function expanded(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\(([^)]+)\)/g, (whole, name: string) => environment[name] ?? whole);
}

/** Ports of this machine that are free now, for those of a pod. */
async function freePorts(): Promise<Map<number, number>> {
  const ports = new Map<number, number>();
  const servers = [K6_PORT, LEDGER_PORT].map((pods) => ({ pods, server: net.createServer() }));
  for (const { pods, server } of servers) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.set(pods, (server.address() as AddressInfo).port);
  }
  for (const { server } of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}
