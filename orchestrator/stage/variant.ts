import { z } from "zod";
import { withVersion } from "../kube/serve-config.ts";
import { UsageError } from "../plan/errors.ts";
import { jsonSchema, patched } from "../plan/json-patch.ts";
import { reasonOf } from "../plan/yaml-input.ts";
import type { Variant } from "../plan/scenario-parts.ts";

/** The manifest with the variant's operations done. @throws UsageError when they do not fit it. */
export function patchedBy(variant: Variant | undefined, manifest: unknown): unknown {
  if (variant?.patch === undefined) return manifest;
  const document = jsonSchema.parse(manifest);
  try {
    return patched(document, variant.patch);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `The variant's patch must fit manifests/app/rayservice.yaml; received one that does not: ${reason}`,
    );
  }
}

/**
 * The serve config with this version in every deployment's user_config, as text: the variant's, else `usual`.
 *
 * @throws UsageError when the variant's is none.
 */
export function serveConfigOf(
  { version, variant }: { readonly version: string; readonly variant?: Variant },
  usual: string,
): string {
  if (variant?.serveConfig === undefined) return withVersion(usual, version);
  try {
    return withVersion(variant.serveConfig, version);
  } catch (error) {
    const reason =
      error instanceof z.ZodError
        ? `${error.issues[0]?.path.join(".") ?? ""}: ${error.issues[0]?.message ?? ""}`
        : reasonOf(error);
    throw new UsageError(
      `The variant's serve config must be YAML in which each deployment's user_config has a version; received one that is not (${reason}).`,
    );
  }
}

/** `rayClusterDeletionDelaySeconds` as the variant has it: its own, none (then the operator's default holds), or that of the manifest. */
export function deletionDelayOf(spec: Readonly<Record<string, unknown>>, variant: Variant | undefined): object {
  const key = "rayClusterDeletionDelaySeconds";
  const seconds = variant?.deletionDelaySeconds;
  if (seconds === null) return {};
  if (seconds !== undefined) return { [key]: seconds };
  return key in spec ? { [key]: spec[key] } : {};
}
