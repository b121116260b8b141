import { isDeepStrictEqual } from "node:util";
import { realClock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { isRunning, runNamespaceOf, type ApplicationRequest } from "../stage/manifests.ts";
import { removeLeftovers, removeNamespace } from "../stage/remove.ts";
import type { Reachable } from "../stage/reachable.ts";
import { stageApplication, type Stage, type StageOptions } from "../stage/stage.ts";
import { useCluster } from "../target/embedded/embedded.ts";
import { layoutOf } from "../target/embedded/layout.ts";
import { observeStage, stageDifference, type StagePicture } from "./stage-picture.ts";

/** What a keeper needs beside what is needed to stage. */
export type KeeperOptions = StageOptions & {
  /** Told, in a sentence, what was removed or kept, and why. */
  readonly note: (text: string) => void;
};

/** An application on the cluster that a run has left for the next one. */
interface Kept {
  readonly kube: Kube;
  readonly request: ApplicationRequest;
  readonly stage: Reachable;
  /** How it was when it had just been staged. */
  readonly picture: StagePicture;
  /** Passwords that were made for it. */
  readonly secrets: readonly string[];
  readonly removeDeadlineMs: number;
}

/**
 * Where runs in a row get their application from: it is staged anew for each of them, unless the run before left exactly the one that is wanted, as it was when it
 * had just been staged. Disposing of the keeper removes an application that was left for a run that never came.
 */
export class StageKeeper implements AsyncDisposable {
  readonly #note: (text: string) => void;
  readonly #useNode: (what: string) => Promise<AsyncDisposable>;
  #next: ApplicationRequest | undefined;
  #kept: Kept | undefined;

  /** `useNode` takes the node while an application is removed that nobody wants any more. */
  constructor({
    note,
    useNode = (what) => useCluster(layoutOf(), what),
  }: {
    readonly note: (text: string) => void;
    readonly useNode?: (what: string) => Promise<AsyncDisposable>;
  }) {
    this.#note = note;
    this.#useNode = useNode;
  }

  /** Which application the run after the one that begins now wants; undefined when none does. */
  expect(next: ApplicationRequest | undefined): void {
    this.#next = next;
  }

  /**
   * The application for a run, which holds the cluster's lease: the one that was left, or else a new one, after everything is removed that other runs
   * have left on the cluster. Disposing of it leaves it where it is if the next run wants it and it is as it was staged, and removes it otherwise.
   *
   * @throws as stageApplication does.
   */
  async stage(kube: Kube, request: ApplicationRequest, options: KeeperOptions): Promise<Stage> {
    const { removeDeadlineMs, clock = realClock, note, signal } = options;
    const left = this.#kept;
    this.#kept = undefined;
    const namespace = runNamespaceOf(request);
    if (left !== undefined && (await this.#fits({ ...left, kube }, request, note))) {
      note("The application of the run before is as it was staged, and serves this run too.");
      for (const secret of left.secrets) options.onSecret?.(secret);
      const kept = { ...left, kube, removeDeadlineMs };
      return this.#lend(kept, options, async () => {
        if (options.keep !== true) await removeNamespace(kube, namespace, removeDeadlineMs, clock);
      });
    }
    const removed = await removeLeftovers(kube, {
      deadlineMs: removeDeadlineMs,
      clock,
      namespace,
      signal,
    });
    if (removed.length > 0) note(`Removed what ${removed.join(", ")} had left on the cluster.`);
    // It is neither created nor removed, so that there is nothing to keep.
    if (isRunning(request)) return stageApplication(kube, request, options);
    const secrets: string[] = [];
    const staged = await stageApplication(kube, request, {
      ...options,
      onSecret: (secret) => {
        secrets.push(secret);
        options.onSecret?.(secret);
      },
    });
    try {
      const picture = await observeStage(kube, request);
      const { url, address, activeCluster, route } = staged;
      const kept = { kube, request, stage: { url, address, activeCluster, route }, picture, secrets, removeDeadlineMs };
      return this.#lend(kept, options, async () => {
        await staged[Symbol.asyncDispose]();
      });
    } catch (error) {
      await staged[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Removes what is kept, if it is still there and nobody else's. A failure is told: it must not take the place of a verdict. */
  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#kept;
    this.#kept = undefined;
    if (left === undefined) return;
    const { kube, request, picture, removeDeadlineMs } = left;
    try {
      await using _use = await this.#useNode("removal of an application that was kept");
      if ((await observeStage(kube, request)).run !== picture.run) return;
      await removeNamespace(kube, request.namespace, removeDeadlineMs, realClock);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#note(`The application that was kept was not removed, and the next run will do so: ${reason}`);
    }
  }

  #lend(kept: Kept, options: KeeperOptions, remove: () => Promise<void>): Stage {
    const { kube, stage } = kept;
    return {
      ...stage,
      [Symbol.asyncDispose]: async () => {
        const next = this.#next;
        const goesOn = next !== undefined && options.keep !== true && options.signal?.aborted !== true;
        if (goesOn && (await this.#fits({ ...kept, kube }, next, options.note))) {
          this.#kept = kept;
          options.note("The application stays for the next run.");
          return;
        }
        if (options.keep !== true) options.note("Removing the application; the cluster stays up for the next run.");
        await remove();
      },
    };
  }

  /** Whether what is there is what is wanted. What cannot be found out is not. */
  async #fits(kept: Kept, wanted: ApplicationRequest, note: (text: string) => void): Promise<boolean> {
    if (!isSameApplication(kept.request, wanted)) return false;
    try {
      const difference = stageDifference(kept.picture, await observeStage(kept.kube, kept.request));
      if (difference === undefined) return true;
      note(`The application is staged anew for the next run: ${difference}.`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      note(`The application is staged anew for the next run, as it cannot be looked at: ${reason}`);
    }
    return false;
  }
}

/** Whether two runs want the same objects; they carry the id of the run that made them. */
function isSameApplication(
  { runId: _a, ...one }: ApplicationRequest,
  { runId: _b, ...other }: ApplicationRequest,
): boolean {
  return isDeepStrictEqual(one, other);
}
