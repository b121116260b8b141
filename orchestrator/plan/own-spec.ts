import { z } from "zod";
import { patched, type Json } from "./json-patch.ts";
import type { OwnUpgrade } from "./service.ts";
import { STRATEGIES, type Strategy } from "./strategy.ts";

/** The one way of upgrading in which a Gateway moves traffic. */
export const INCREMENTAL = "NewClusterWithIncrementalUpgrade";

/** By which images of a manifest are known to be Ray's own, whatever their tag. */
const RAY_IMAGE = /^(docker\.io\/)?rayproject\/ray:/;

type JsonRecord = Readonly<Record<string, Json>>;
const isRecord = (value: Json | undefined): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A document after a JSON merge patch (RFC 7396): a null takes its member away, an object is merged, anything else replaces. */
export function merged(document: Json | undefined, patch: Json): Json {
  if (!isRecord(patch)) return patch;
  const result = new Map(Object.entries(isRecord(document) ? document : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, merged(result.get(name), value));
  }
  return Object.fromEntries(result);
}

/**
 * A RayService's spec after the user's change. The spec given is not changed.
 *
 * @throws Error, one sentence, for a patch that does not fit it or leaves no spec.
 */
export function upgradedSpec(spec: Json, upgrade: OwnUpgrade): JsonRecord {
  if ("spec" in upgrade) return upgrade.spec;
  const after = "patch" in upgrade ? patched({ spec }, upgrade.patch) : merged({ spec }, upgrade.merge);
  const result = isRecord(after) ? after["spec"] : undefined;
  if (!isRecord(result)) throw new Error("Nothing is left of the RayService's spec.");
  return result;
}

/** What a run sets in the spec of a RayService that is not its own. */
export interface RunSettings {
  readonly strategy: Pick<Strategy, "stepSizePercent" | "intervalSeconds" | "maxSurgePercent">;
  /** Left out: the spec's own. */
  readonly gatewayClassName?: string;
  /** Instead of every image of repository rayproject/ray; left out: those stay. */
  readonly image?: string;
  /** Version of Ray in that image. */
  readonly rayVersion?: string;
}

/** A spec with what a run sets in it. Doing so again changes nothing. */
export function asRun(spec: JsonRecord, settings: RunSettings): JsonRecord {
  const { strategy, gatewayClassName, image, rayVersion } = settings;
  const { stepSizePercent, intervalSeconds, maxSurgePercent } = strategy;
  const options = {
    ...clusterUpgradeOptions(spec),
    ...{ stepSizePercent, intervalSeconds, maxSurgePercent },
    ...(gatewayClassName === undefined ? {} : { gatewayClassName }),
  };
  const before = spec["upgradeStrategy"];
  const upgradeStrategy = { ...(isRecord(before) ? before : {}), type: INCREMENTAL, clusterUpgradeOptions: options };
  const result = { ...spec, upgradeStrategy };
  const cluster = spec["rayClusterConfig"];
  if (image === undefined || !isRecord(cluster)) return result;
  const replaced = withImage(cluster, image);
  const rayClusterConfig = isRecord(replaced) ? { ...replaced, ...(rayVersion && { rayVersion }) } : cluster;
  return { ...result, rayClusterConfig };
}

/** A value with Ray's own images replaced wherever a container names one. */
function withImage(value: Json, image: string): Json {
  if (Array.isArray(value)) return value.map((each: Json) => withImage(each, image));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      name === "image" && typeof inner === "string" && RAY_IMAGE.test(inner)
        ? [name, image]
        : [name, withImage(inner, image)],
    ),
  );
}

function clusterUpgradeOptions(spec: JsonRecord): JsonRecord {
  const strategy = spec["upgradeStrategy"];
  const options = isRecord(strategy) ? strategy["clusterUpgradeOptions"] : undefined;
  return isRecord(options) ? options : {};
}

/** What a RayService's spec says of how it is upgraded. */
export interface SpecFacts {
  /** Undefined where it does not say one whole. */
  readonly strategy: Strategy | undefined;
  readonly isIncremental: boolean;
  readonly gatewayClassName: string | undefined;
  /** Seconds for which the RayCluster that is left stays; null where the operator's default holds. */
  readonly deletionDelaySeconds: number | null;
}

const factsSchema = z.looseObject({
  rayClusterDeletionDelaySeconds: z.number().int().nonnegative().nullish().catch(undefined),
  upgradeStrategy: z
    .looseObject({
      type: z.string().nullish(),
      clusterUpgradeOptions: z
        .looseObject({
          stepSizePercent: z.number().int().min(1).max(100).nullish(),
          intervalSeconds: z.number().int().min(1).nullish(),
          maxSurgePercent: z.number().int().min(1).max(100).nullish(),
          gatewayClassName: z.string().nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

/** Reads it from a spec as it stands in a manifest or on a cluster. KubeRay 1.6.2's default for maxSurgePercent is 100 (rayservice_types.go). */
export function specFactsOf(spec: unknown): SpecFacts {
  const { upgradeStrategy, rayClusterDeletionDelaySeconds } = factsSchema.parse(spec);
  const { stepSizePercent, intervalSeconds, maxSurgePercent, gatewayClassName } =
    upgradeStrategy?.clusterUpgradeOptions ?? {};
  const surge = maxSurgePercent ?? 100;
  const numbers =
    stepSizePercent == null || intervalSeconds == null
      ? undefined
      : { stepSizePercent, intervalSeconds, maxSurgePercent: surge };
  return {
    strategy: numbers && { name: nameOf(numbers), ...numbers },
    isIncremental: upgradeStrategy?.type === INCREMENTAL,
    gatewayClassName: gatewayClassName ?? undefined,
    deletionDelaySeconds: rayClusterDeletionDelaySeconds ?? null,
  };
}

function nameOf({ stepSizePercent, intervalSeconds, maxSurgePercent }: Omit<Strategy, "name">): string {
  const known = STRATEGIES.find(
    (one) =>
      one.stepSizePercent === stepSizePercent &&
      one.intervalSeconds === intervalSeconds &&
      one.maxSurgePercent === maxSurgePercent,
  );
  return known?.name ?? `${stepSizePercent}/${intervalSeconds}/${maxSurgePercent}`;
}
