import { IMAGES } from "../../scripts/artefacts/list.ts";
import { versions } from "../../scripts/artefacts/versions.ts";
import type { Config } from "../plan/config.ts";
import { DEFAULT_GATEWAY_CLASS, ENVOY_GATEWAY, splitModelOf } from "../plan/gateways.ts";
import type { ForeignCluster } from "../plan/make-plan.ts";
import type { Target } from "../plan/options.ts";
import { KIND_CONTEXT, kindEnvironment } from "../target/kind/kind.ts";
import { platformImages, type PlatformImages } from "../target/platform/images.ts";
import { PLATFORM_PARTS, type PlatformPart } from "../target/platform/labels.ts";
import { lackingParts, requireInstallable, surveyAfter } from "../target/platform/lacking.ts";
import { contextKube } from "./context-kube.ts";
import { foreignCluster, surveyFor, wantedBy } from "./foreign-cluster.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What has to be done to a cluster before a plan fits it. */
export interface Preparation {
  readonly target: "context" | "kind";
  readonly context: string;
  /** Parts of the platform that it lacks; on one that kind has yet to make, all. */
  readonly parts: readonly PlatformPart[];
  readonly images: PlatformImages;
  /** The load's image is to be put on kind's nodes, as the configuration names none. */
  readonly loadsImage: boolean;
}

/** A cluster that is not the embedded one, as a plan has it. */
export interface PlannedCluster {
  readonly cluster: ForeignCluster;
  /** Undefined where it is ready as it is. */
  readonly preparation: Preparation | undefined;
}

/**
 * What a plan has of the cluster of a context. Looks only. With `installs` it is what will be there when what it lacks has been installed.
 *
 * @throws SetUpError for the first thing that a run needs and will not be there.
 */
export async function contextCluster(
  context: string,
  config: Pick<Config, "gatewayClass" | "images">,
  { env, installs }: { readonly env: Environment; readonly installs: boolean },
): Promise<PlannedCluster> {
  const survey = await surveyFor(await contextKube(context, env));
  const parts = installs ? lackingParts(survey, wantedBy(config)) : [];
  const cluster = foreignCluster(context, surveyAfter(survey, parts), config);
  if (parts.length === 0) return { cluster, preparation: undefined };
  const images = platformImages(config.images);
  return { cluster, preparation: { target: "context", context, parts, images, loadsImage: false } };
}

/** What a plan has of kind's cluster before anybody has looked whether it is there: it will have all of the platform. Looks at nothing. */
export function kindCluster({ gatewayClass, images }: Pick<Config, "gatewayClass" | "images">): PlannedCluster {
  requireInstallable(gatewayClass);
  return {
    cluster: {
      target: "kind",
      context: KIND_CONTEXT,
      gateway: { className: DEFAULT_GATEWAY_CLASS, controller: ENVOY_GATEWAY, splitModel: splitModelOf(ENVOY_GATEWAY) },
      versions: { kuberay: versions.kuberay },
    },
    preparation: {
      target: "kind",
      context: KIND_CONTEXT,
      parts: PLATFORM_PARTS,
      images: platformImages(images),
      loadsImage: images["k6"] === undefined,
    },
  };
}

/** What a plan has of kind's cluster once that is there and has the platform. Looks only. */
export async function preparedKindCluster(
  config: Pick<Config, "gatewayClass" | "images">,
  env: Environment,
): Promise<PlannedCluster> {
  const images = { k6: IMAGES.load, ...config.images };
  const { cluster } = await contextCluster(
    KIND_CONTEXT,
    { ...config, images },
    {
      env: kindEnvironment(env),
      installs: false,
    },
  );
  return { cluster: { ...cluster, target: "kind" }, preparation: undefined };
}

/** The cluster of a plan; undefined for the embedded one. `prepared`: everything that a plan before this one asked for has been done. */
export function plannedCluster(
  asked: { readonly context: string | undefined; readonly target: Target; readonly installPlatform: boolean },
  config: Pick<Config, "gatewayClass" | "images">,
  { env, prepared }: { readonly env: Environment; readonly prepared: boolean },
): Promise<PlannedCluster | undefined> {
  const { context, target, installPlatform } = asked;
  if (context !== undefined) return contextCluster(context, config, { env, installs: installPlatform && !prepared });
  if (target !== "kind") return Promise.resolve(undefined);
  return prepared ? preparedKindCluster(config, env) : Promise.resolve(kindCluster(config));
}
