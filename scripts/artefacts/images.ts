import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact, BuildContext } from "./artefact.ts";
import { CHECKOUT } from "./cache.ts";
import { runCommand } from "./command.ts";

/** File name of the image archive inside an image artefact's folder. */
export const IMAGE_ARCHIVE = "image.tar";

const IMAGE_TIMEOUT_MS = 15 * 60_000;
/** Where pip and TLS find the certificate authorities of this host, also behind an inspecting proxy. */
const CERTIFICATES = "/etc/ssl/certs";

function buildah(context: BuildContext, args: readonly string[]): Promise<void> {
  // Storage of its own for every build: nothing is shared, so nothing can be left half written for the next one.
  const storage = join(context.out, "storage");
  return runCommand("buildah", ["--root", join(storage, "root"), "--runroot", join(storage, "run"), ...args], {
    logFile: context.logFile,
    timeoutMs: IMAGE_TIMEOUT_MS,
    signal: context.signal,
    env: { BUILDAH_ISOLATION: "chroot" },
  });
}

/** What pip on this host is told by its environment, by the option of pip.conf that says the same. */
const PIP_OPTIONS: Readonly<Record<string, string>> = {
  PIP_INDEX_URL: "index-url",
  PIP_EXTRA_INDEX_URL: "extra-index-url",
  PIP_TRUSTED_HOST: "trusted-host",
  PIP_CERT: "cert",
  PIP_DEFAULT_TIMEOUT: "default-timeout",
};

/**
 * Mounts this host's certificate authorities and pip settings for the time of the build. Mounted and not set as variables,
 * which would stay in the image.
 */
async function networkArguments(context: BuildContext, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const settings = Object.entries(PIP_OPTIONS).flatMap(([name, option]) => {
    const value = environment[name];
    return value === undefined ? [] : [`${option} = ${value}`];
  });
  const folder = join(context.out, "pip");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "pip.conf"), ["[global]", ...settings, ""].join("\n"), { mode: 0o600 });
  return ["--volume", `${CERTIFICATES}:${CERTIFICATES}:ro`, "--volume", `${folder}:/etc/xdg/pip:ro`];
}

async function buildImage(
  context: BuildContext,
  recipe: { folder: string; image: string; from?: string },
  contents: string,
): Promise<void> {
  const from = recipe.from === undefined ? [] : ["--from", `oci-archive:${recipe.from}`];
  await buildah(context, [
    "bud",
    "--isolation=chroot",
    "--format=oci",
    ...from,
    ...(await networkArguments(context, process.env)),
    "--file",
    join(CHECKOUT, "scripts/images", recipe.folder, "Containerfile"),
    "--tag",
    recipe.image,
    contents,
  ]);
  const archive = `oci-archive:${join(context.out, IMAGE_ARCHIVE)}:${recipe.image}`;
  await buildah(context, ["push", "--disable-compression", recipe.image, archive]);
  await buildah(context, ["rmi", "--all", "--force"]);
  await rm(join(context.out, "storage"), { recursive: true, force: true });
  await rm(contents, { recursive: true });
  await rm(join(context.out, "pip"), { recursive: true });
}

/** The Debian base, bootstrapped by mmdebstrap from the host's own package sources. */
export function baseArtefact(packages: readonly string[]): Artefact {
  return {
    name: "base",
    lane: "image",
    needs: [],
    inputs: ["scripts/images/base"],
    parameters: { revision: "1", packages: packages.join(",") },
    build: async (context) => {
      const contents = join(context.out, "context");
      await mkdir(contents);
      await runCommand(
        "mmdebstrap",
        ["--variant=minbase", `--include=${packages.join(",")}`, "bookworm", join(contents, "base.tar")],
        {
          logFile: context.logFile,
          timeoutMs: IMAGE_TIMEOUT_MS,
          signal: context.signal,
        },
      );
      await buildImage(context, { folder: "base", image: "zerodrop.local/base:12" }, contents);
    },
  };
}

export interface ImageRecipe {
  readonly name: string;
  /** Full reference the cluster's manifests use. */
  readonly image: string;
  /** Folder under scripts/images. */
  readonly folder: string;
  /** Files of other artefacts that the Containerfile copies: artefact name to file names. */
  readonly from?: Readonly<Record<string, readonly string[]>>;
  /** Files beside the Containerfile that it copies. */
  readonly files?: readonly string[];
  /** Built on the Debian base. */
  readonly onBase?: boolean;
  /** The Containerfile copies `root`, which has a /tmp that everybody may write to: an image made from nothing has none. */
  readonly tmp?: boolean;
}

/** An image as an uncompressed OCI archive, ready for containerd. */
export function imageArtefact(recipe: ImageRecipe): Artefact {
  const from = recipe.from ?? {};
  return {
    name: `image-${recipe.name}`,
    lane: "image",
    needs: [...Object.keys(from), ...(recipe.onBase === true ? ["base"] : [])],
    inputs: [`scripts/images/${recipe.folder}`],
    parameters: { revision: "2", image: recipe.image },
    build: async (context) => {
      const contents = join(context.out, "context");
      await mkdir(contents);
      for (const [artefact, files] of Object.entries(from)) {
        for (const file of files) await copyFile(join(context.dirOf(artefact), file), join(contents, file));
      }
      for (const file of recipe.files ?? []) {
        await copyFile(join(CHECKOUT, "scripts/images", recipe.folder, file), join(contents, file));
      }
      if (recipe.tmp === true) {
        const tmp = join(contents, "root", "tmp");
        await mkdir(tmp, { recursive: true });
        // By chmod: what mkdir is asked for is cut down by the umask.
        await chmod(tmp, 0o1777);
      }
      const base = recipe.onBase === true ? { from: join(context.dirOf("base"), IMAGE_ARCHIVE) } : {};
      await buildImage(context, { folder: recipe.folder, image: recipe.image, ...base }, contents);
    },
  };
}
