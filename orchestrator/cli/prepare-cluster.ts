import { deadlineMs } from "../plan/deadlines.ts";
import { loadImageArchive, platformManifests } from "../target/built.ts";
import { kindEnvironment, kindLayout, loadIntoKind, makeKind, requireKind } from "../target/kind/kind.ts";
import { installPlatform, type PlatformInstall } from "../target/platform/install.ts";
import type { PlatformPart } from "../target/platform/labels.ts";
import { lackingParts } from "../target/platform/lacking.ts";
import { nameOf, platformObjects } from "../target/platform/parts.ts";
import { refuseOthers } from "../target/platform/owners.ts";
import { clusterProgress } from "./cluster-progress.ts";
import { contextKube } from "./context-kube.ts";
import { surveyFor } from "./foreign-cluster.ts";
import type { Preparation } from "./planned-cluster.ts";
import type { Progress } from "./progress.ts";
import type { PlannedLoad } from "./request.ts";
import { typed } from "./started.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface PrepareParts {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly env: Environment;
}

/** The plan whose cluster is ready for it: that cluster is prepared where it has to be, and the plan made again of what is there then. */
export async function preparedLoad(
  planned: PlannedLoad,
  parts: PrepareParts,
  again: () => Promise<PlannedLoad>,
): Promise<PlannedLoad> {
  const { preparation, plan } = planned;
  if (preparation === undefined) return planned;
  await prepareCluster(preparation, { ...parts, deadlineMs: deadlineMs(plan, "clusterUp") });
  return again();
}

/**
 * Makes a cluster what a plan needs: one of kind's is made where there is none, and gets the load's image; what is lacking of the platform is installed. What
 * can be refused is, before anything is made.
 *
 * @throws SetUpError in one sentence with the remedy; DeadlineError where the platform is not ready after `deadlineMs`.
 */
export async function prepareCluster(
  preparation: Preparation,
  parts: PrepareParts & { readonly deadlineMs: number },
): Promise<void> {
  const { target, context, images } = preparation;
  const { signal } = parts;
  if (target === "kind") await requireKind(signal);
  // Built before anything is made on a cluster: a machine that cannot build has changed nothing.
  const manifests = await withBuilds(parts.progress, (progress) => platformManifests("platform", { progress, signal }));
  if (target === "kind") await kindReady(preparation, parts);
  const kube = await contextKube(context, target === "kind" ? kindEnvironment(parts.env) : parts.env);
  const lacking = target === "kind" ? await lackingOnKind(preparation, kube) : preparation.parts;
  if (lacking.length === 0) return;
  const install = { parts: lacking, objects: await platformObjects(manifests, lacking, images) };
  await installed(kube, install, { ...parts, remedy: remedyOf(preparation) });
}

async function kindReady({ loadsImage }: Preparation, { progress, signal }: PrepareParts): Promise<void> {
  const archive = loadsImage
    ? await withBuilds(progress, (building) => loadImageArchive("kind", { progress: building, signal }))
    : undefined;
  const layout = kindLayout();
  const phase = progress.phase("kind cluster");
  try {
    const how = await makeKind(layout, signal);
    if (archive !== undefined) {
      phase.update("putting the load's image on it");
      await loadIntoKind(layout, archive, signal);
    }
    phase.done(how === "made" ? "made" : "was there");
  } catch (error) {
    phase.fail("see below");
    throw error;
  }
}

async function lackingOnKind(
  preparation: Preparation,
  kube: Awaited<ReturnType<typeof contextKube>>,
): Promise<PlatformPart[]> {
  const wanted = { namespace: "", gatewayClass: undefined, loadImage: undefined };
  const lacking = lackingParts(await surveyFor(kube), wanted);
  return preparation.parts.filter((part) => lacking.includes(part));
}

async function installed(
  kube: Awaited<ReturnType<typeof contextKube>>,
  install: PlatformInstall,
  { progress, signal, deadlineMs: ms, remedy }: PrepareParts & { readonly deadlineMs: number; readonly remedy: string },
): Promise<void> {
  const phase = progress.phase(`platform (${install.parts.join(", ")})`);
  const begun = { creating: false };
  try {
    const onStep = (text: string): void => {
      begun.creating = true;
      phase.update(text);
    };
    await installPlatform(kube, install, { deadlineMs: ms, signal, onStep });
    phase.done("installed and ready");
  } catch (error) {
    phase.fail("see below");
    if (begun.creating) progress.note(`What was installed of the platform stays; this removes it: ${remedy}`);
    throw error;
  }
}

function remedyOf({ target, context }: Preparation): string {
  return typed(target === "kind" ? "cluster down --target kind" : `cluster remove-platform --context ${context}`);
}

async function withBuilds<T>(
  progress: Progress,
  build: (progress: ReturnType<typeof clusterProgress>) => Promise<T>,
): Promise<T> {
  using building = clusterProgress(progress);
  return await build(building);
}

/**
 * What preparing a cluster would create, object by object, for --dry-run. Renders manifests into the cache where they are missing, and refuses what a
 * preparation would; changes nothing on any cluster.
 */
export async function whatIsPrepared(
  { target, context, parts, images, loadsImage }: Preparation,
  { progress, signal, env }: PrepareParts,
): Promise<string[]> {
  const manifests = await withBuilds(progress, (building) =>
    platformManifests("platform", { progress: building, signal }),
  );
  const objects = await platformObjects(manifests, parts, images);
  const lines = objects.map((object) => `${nameOf(object)} (platform)`);
  if (target === "context") {
    await refuseOthers(await contextKube(context, env), { parts, objects }, signal);
    return lines;
  }
  const image = loadsImage ? ", with the load's image on its node" : "";
  return [`cluster of kind, where there is none: context ${context} in ${kindLayout().kubeconfig}${image}`, ...lines];
}
