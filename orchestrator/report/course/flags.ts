import { instantOf } from "../../history/instant.ts";
import type { ObjectSeen, Observation } from "../../history/observation.ts";
import { readPlatformPods } from "../../history/platform-pods.ts";
import { PodTroubles, troubleText, type Trouble } from "../../history/pod-troubles.ts";
import { readPod } from "../../history/pod.ts";
import { readRayCluster } from "../../history/raycluster.ts";
import { readRayService } from "../../history/rayservice.ts";
import type { Timeline } from "../../history/timeline.ts";
import { seconds } from "../../history/words.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Flag } from "./course.ts";
import { EventFlags } from "./event-flags.ts";
import { FlagList } from "./flag-list.ts";
import { RunnerFlags } from "./runner-flags.ts";

/** What a condition that is not there is called. */
const ABSENT = "gone";

/** Tells the moments of a run that a chart marks. What was so when the record began did not happen in it. */
export class Flags {
  readonly #application: string;
  readonly #list = new FlagList();
  readonly #events = new EventFlags(this.#list);
  readonly #runner = new RunnerFlags();
  readonly #pods = new PodTroubles();
  /** Status by type of the RayService's conditions; null before it was seen. */
  #conditions: ReadonlyMap<string, string> | null = null;
  /** RayClusters that exist, and whether they are being deleted. */
  readonly #clusters = new Map<string, { ending: boolean }>();
  #clustersSynced = false;

  constructor(plan: Plan) {
    this.#application = plan.application.name;
  }

  observe(line: Observation): void {
    this.#events.observe(line);
    switch (line.type) {
      case "action":
        this.#list.add(this.#runner.of(line));
        return;
      case "object":
        if (line.kind === "RayService" && line.name === this.#application) this.#onRayService(line);
        if (line.kind === "RayCluster") this.#onRayCluster(line);
        if (line.kind === "Pod") this.#onPod(line);
        return;
      case "synced":
        if (line.kind === "RayCluster") this.#clustersSynced = true;
        return;
      case "gap":
        if (line.how === "relisted") {
          const since = seconds(Math.max(0, line.monoMs - line.sinceMonoMs));
          const detail = `What happened in the ${since} before may be missing. ${line.reason}`;
          this.#add(line.wallMs, "watch", "warning", `The watch of ${line.kind} started over`, detail);
        }
        return;
      case "poll": {
        if (line.poll !== "platform-pods" || !line.ok) return;
        const pods = readPlatformPods(line.data);
        // A poll that names no pod tells nothing of them.
        if (!pods.ok || pods.view.pods.length === 0) return;
        for (const trouble of this.#pods.seePlatform(instantOf(line), line.subject, pods.view)) this.#trouble(trouble);
        return;
      }
      case "warm-up-reading":
      case "clock":
      case "environment":
        return;
    }
  }

  /** In the order of their times; with changes of the spec that the runner did not make. */
  list({ foreignEdits }: Pick<Timeline, "foreignEdits">): { readonly flags: Flag[]; readonly flagsLeftOut: number } {
    for (const { wallMs, generation } of foreignEdits) {
      const title = "spec is changed by somebody else";
      const detail = `generation ${String(generation)}`;
      this.#list.add({ atMs: wallMs, source: "condition", severity: "warning", title, detail, deed: "change" });
    }
    return this.#list.list();
  }

  #onRayService(line: ObjectSeen): void {
    const service = readRayService(line.object);
    if (!service.ok || line.event === "deleted") return;
    const { conditions } = service.view;
    const before = this.#conditions;
    this.#conditions = new Map(conditions.map(({ type, status }) => [type, status]));
    if (before === null) return;
    for (const { type, status, reason, message } of conditions) {
      if (before.get(type) === status) continue;
      const severity = type === "Ready" && status !== "True" ? "warning" : "normal";
      this.#add(
        line.wallMs,
        "condition",
        severity,
        `${type} is ${status}`,
        [reason, message].filter(Boolean).join(": "),
      );
    }
    for (const type of before.keys()) {
      if (this.#conditions.has(type)) continue;
      this.#add(line.wallMs, "condition", type === "Ready" ? "warning" : "normal", `${type} is ${ABSENT}`, "");
    }
  }

  #onRayCluster({ event, name, object, wallMs }: ObjectSeen): void {
    const cluster = readRayCluster(object);
    const known = this.#clusters.get(name);
    const gone = event === "deleted";
    if (known === undefined) {
      if (gone || !cluster.ok || cluster.view.rayService !== this.#application) return;
      const ending = cluster.view.beingDeleted;
      this.#clusters.set(name, { ending });
      if (this.#clustersSynced) this.#add(wallMs, "cluster", "normal", `RayCluster ${name} appears`, "");
      return;
    }
    if (!known.ending && (gone || (cluster.ok && cluster.view.beingDeleted))) {
      known.ending = true;
      this.#add(wallMs, "cluster", "normal", `RayCluster ${name} is being deleted`, "");
    }
    if (gone) this.#clusters.delete(name);
  }

  #onPod(line: ObjectSeen): void {
    if (line.event === "deleted") {
      this.#pods.gone(line.uid);
      return;
    }
    const pod = readPod(line.object);
    if (!pod.ok) return;
    for (const trouble of this.#pods.see(instantOf(line), line.uid, line.name, pod.view)) this.#trouble(trouble);
  }

  #trouble(trouble: Trouble): void {
    const { at, pod, container } = trouble;
    const what = container === "" ? `pod ${pod}` : `${container} of pod ${pod}`;
    this.#add(at.wallMs, "pod", "warning", `${CALLED[trouble.cause]}: ${what}`, troubleText(trouble));
  }

  #add(atMs: number, source: Flag["source"], severity: Flag["severity"], title: string, detail: string): void {
    this.#list.add({ atMs, source, severity, title, detail });
  }
}

const CALLED: Readonly<Record<Trouble["cause"], string>> = {
  restarted: "restarted",
  "out-of-memory": "killed for memory",
  ended: "ended",
  failed: "failed",
  evicted: "evicted",
  replaced: "replaced",
};
