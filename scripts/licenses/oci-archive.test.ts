import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { pack, type Header } from "tar-stream";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { assertOneSentence } from "../../orchestrator/plan/testing/one-sentence.ts";
import { LayeredFiles } from "./layers.ts";
import { readImage, readLayers } from "./oci-archive.ts";

type Entry = readonly [header: Partial<Header> & { name: string }, text?: string];

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, text] of entries) tar.entry(header, text ?? "");
  tar.finalize();
  return buffer(Readable.from(tar));
}

const digest = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const blob = (bytes: Buffer): Entry => [{ name: `blobs/${digest(bytes).replace(":", "/")}` }, bytes.toString("latin1")];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zerodrop-oci-"));
});
after(async () => {
  await rm(folder, { recursive: true });
});

async function archiveOf(
  layers: readonly { bytes: Buffer; mediaType: string }[],
): Promise<{ path: string; digest: string }> {
  const manifest = Buffer.from(
    JSON.stringify({
      layers: layers.map(({ bytes, mediaType }) => ({ mediaType, digest: digest(bytes), size: bytes.length })),
    }),
  );
  const index = JSON.stringify({ schemaVersion: 2, manifests: [{ digest: digest(manifest), size: manifest.length }] });
  const tar = pack();
  // Layers come before the index, as buildah writes them.
  for (const bytes of [...layers.map((it) => it.bytes), manifest]) tar.entry({ name: blob(bytes)[0].name }, bytes);
  tar.entry({ name: "index.json" }, index);
  tar.finalize();
  const path = join(folder, "image.tar");
  await pipeline(Readable.from(tar), createWriteStream(path));
  return { path, digest: digest(manifest) };
}

const TAR = "application/vnd.oci.image.layer.v1.tar";

test("an image's files are those of its layers together, packed or not, with links and what upper layers take away", async () => {
  const lower = await tarOf([
    [{ name: "./etc/kept" }, "lower"],
    [{ name: "./etc/changed" }, "lower"],
    [{ name: "./etc/removed" }, "lower"],
    [{ name: "./opaque/a" }, "lower"],
    [{ name: "./doc/real/text" }, "linked"],
    [{ name: "./doc/alias", type: "symlink", linkname: "real" }],
    [{ name: "./doc/around", type: "symlink", linkname: "around" }],
    [{ name: "./doc/out", type: "symlink", linkname: "../../../../etc" }],
    [{ name: "./skipped/large" }, "x".repeat(3_000_000)],
  ]);
  const upper = await tarOf([
    [{ name: "etc/changed" }, "upper"],
    [{ name: "etc/.wh.removed" }],
    [{ name: "opaque/.wh..wh..opq" }],
    [{ name: "opaque/b" }, "upper"],
  ]);
  const archive = await archiveOf([
    { bytes: gzipSync(lower), mediaType: `${TAR}+gzip` },
    { bytes: upper, mediaType: TAR },
  ]);
  const image = await readImage(archive.path);
  assert.equal(image.digest, archive.digest);
  const layers = await readLayers(archive.path, image.layers, (path) => !path.startsWith("skipped/"));
  const files = new LayeredFiles(image.layers.map((layer) => layers.get(layer.digest) ?? []));
  const texts = [
    "etc/kept",
    "etc/changed",
    "etc/removed",
    "opaque/a",
    "opaque/b",
    "doc/alias/text",
    "doc/around",
    "doc/out/kept",
    "skipped/large",
  ];
  assert.deepEqual(await Promise.all(texts.map((path) => files.text(path))), [
    "lower",
    "upper",
    undefined,
    undefined,
    "upper",
    "linked",
    undefined,
    // A link leads nowhere above the root of the image.
    "lower",
    undefined,
  ]);
});

test("what is no image is refused in one sentence, and so is one that is cut short or has another manifest (defect: half an image is told as a whole one)", async () => {
  const path = join(folder, "none.tar");
  const bad = {
    "no index.json": await tarOf([[{ name: "a" }, "b"]]),
    "another shape": await tarOf([[{ name: "index.json" }, JSON.stringify({ manifests: [] })]]),
    "its index says": await tarOf([
      [{ name: "index.json" }, JSON.stringify({ manifests: [{ digest: digest(Buffer.from("{}")) }] })],
      [blob(Buffer.from("{}"))[0], '{"layers":[]}'],
    ]),
    "Unexpected end": (await tarOf([[{ name: "a" }, "b".repeat(5000)]])).subarray(0, 2000),
  };
  for (const [says, bytes] of Object.entries(bad)) {
    await writeFile(path, bytes);
    await assert.rejects(readImage(path), (error) => {
      assert.ok(error instanceof SetUpError);
      assertOneSentence(error.message);
      assert.ok(error.message.includes(says), error.message);
      return true;
    });
  }
});
