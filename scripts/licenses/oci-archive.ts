import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { z } from "zod";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { whiteoutOf, type LayerEntry } from "./layers.ts";

const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);
/** OCI image format: the index of a layout, and an image's manifest. */
const indexSchema = z.object({ manifests: z.array(z.object({ digest: digestSchema })).length(1) });
const manifestSchema = z.object({ layers: z.array(z.object({ digest: digestSchema, mediaType: z.string() })) });

/** No index, manifest or configuration is as large. */
const MOST_JSON_BYTES = 1024 * 1024;

export interface OciImage {
  /** Digest of its manifest, by which the image is told from any other. */
  readonly digest: string;
  /** The lowest first. */
  readonly layers: readonly { readonly digest: string; readonly gzip: boolean }[];
}

/**
 * The image in an OCI archive (a tar of an OCI layout with one image).
 *
 * @throws SetUpError, one sentence, where it is none, is cut short, or its manifest is not the one that its index names.
 */
export async function readImage(archive: string): Promise<OciImage> {
  try {
    return imageOf(await smallFiles(archive));
  } catch (error) {
    const why = error instanceof z.ZodError ? "its index or manifest has another shape" : String(error);
    throw new SetUpError(
      `The file ${archive} must be an OCI archive with one image, and is none (${why}); remove the folder that it is in, and npm run cluster -- up builds it again.`,
      { cause: error },
    );
  }
}

async function smallFiles(archive: string): Promise<Map<string, string>> {
  const small = new Map<string, string>();
  for await (const entry of extracted(createReadStream(archive))) {
    if (entry.header.size <= MOST_JSON_BYTES) small.set(entry.header.name, await textOf(entry));
    else entry.resume();
  }
  return small;
}

function imageOf(files: ReadonlyMap<string, string>): OciImage {
  const textNamed = (name: string): string => {
    const text = files.get(name);
    if (text === undefined) throw new Error(`it has no ${name}`);
    return text;
  };
  const digest = indexSchema.parse(JSON.parse(textNamed("index.json"))).manifests[0]?.digest ?? "";
  const manifest = textNamed(blobName(digest));
  const found = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
  if (found !== digest) throw new Error(`its manifest is ${found}, and its index says ${digest}`);
  const { layers } = manifestSchema.parse(JSON.parse(manifest));
  return { digest, layers: layers.map((it) => ({ digest: it.digest, gzip: it.mediaType.endsWith("gzip") })) };
}

/** The entries of some of an archive's layers, by their digest: symbolic links and whiteouts, and of files those that are wanted. */
export async function readLayers(
  archive: string,
  layers: OciImage["layers"],
  wanted: (path: string) => boolean,
): Promise<Map<string, LayerEntry[]>> {
  const byName = new Map(layers.map((layer) => [blobName(layer.digest), layer]));
  const read = new Map<string, LayerEntry[]>();
  for await (const entry of extracted(createReadStream(archive))) {
    const layer = byName.get(entry.header.name);
    if (layer === undefined) {
      entry.resume();
      continue;
    }
    const bytes = Readable.from(entry);
    read.set(layer.digest, await entriesOf(layer.gzip ? bytes.pipe(createGunzip()) : bytes, wanted));
  }
  return read;
}

async function entriesOf(layer: Readable, wanted: (path: string) => boolean): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  for await (const entry of extracted(layer)) {
    const { name, type, linkname } = entry.header;
    const path = name.replace(/^(?:\.?\/)+/, "").replace(/\/$/, "");
    const whiteout = whiteoutOf(path);
    if (whiteout !== undefined) entries.push(whiteout);
    else if (type === "symlink") entries.push({ path, link: linkname });
    // A hard link names its target from the root of the layer.
    else if (type === "link" && wanted(path)) entries.push({ path, link: `/${linkname.replace(/^(?:\.?\/)+/, "")}` });
    else if (type === "file" && wanted(path)) {
      entries.push({ path, text: await textOf(entry) });
      continue;
    }
    entry.resume();
  }
  return entries;
}

type Entry = ReturnType<typeof extract> extends AsyncIterable<infer E> ? E : never;

/** The entries of a tar, one after another: each must be read or resumed before the next comes. */
function extracted(tar: Readable): AsyncIterable<Entry> {
  const entries = extract();
  tar.on("error", (error) => entries.destroy(error));
  tar.pipe(entries);
  return entries;
}

async function textOf(entry: Entry): Promise<string> {
  return (await buffer(Readable.from(entry))).toString("utf8");
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}
