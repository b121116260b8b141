import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { withUnpacked } from "../../scripts/recordings.ts";
import { JUDGE_VERSION } from "../judge/judge.ts";
import { loadProof } from "../prove/proof-files.ts";
import { sizeOf } from "../prove/derive/sizes.ts";
import { smallestFileSchema, type SmallestFile } from "../report/prove/smallest.ts";
import { findSmallest, knownSmallest, readSmallest, smallestList, smallestOf } from "./prove-smallest.ts";
import { readRecorded } from "./recorded.ts";
import { fakeRoot } from "./testing/fake-runs.ts";

const proofOf = (name: string) => loadProof(name, { root: CHECKOUT, what: "A proof" });
const hangs = await proofOf("one-request-hangs");
const skipped = await proofOf("skip-step");
const NOTHING: SmallestFile = { schemaVersion: 1, found: [] };

let place: Awaited<ReturnType<typeof fakeRoot>>;
beforeEach(async () => {
  place = await fakeRoot();
  await mkdir(join(place.root, "test"));
  await mkdir(join(place.root, "proofs"));
  await symlink(join(CHECKOUT, "test/recordings"), join(place.root, "test/recordings"));
});
afterEach(() => place[Symbol.asyncDispose]());

const search = (proofs: Parameters<typeof findSmallest>[0], signal = new AbortController().signal) =>
  findSmallest(proofs, { root: place.root, note: () => undefined, signal });
/** A search that would have to judge anything rejects. */
const noSearch = (proofs: Parameters<typeof findSmallest>[0]) => search(proofs, AbortSignal.abort(new Error("left")));

test("what was found is kept, and is searched for again only where judge or expectation are others (defect: old sizes under a new judge)", async () => {
  const file = await search([skipped, hangs]);
  assert.deepEqual(
    file.found.map(({ proof, missed, caught, by, judge }) => ({ proof, missed, caught, by, judge })),
    [
      {
        ...{ proof: "one-request-hangs", missed: 0, caught: 1 },
        ...{ by: ["zero-failures", "disruption-windows"], judge: JUDGE_VERSION },
      },
    ],
  );
  const path = join(place.root, "proofs/smallest.json");
  assert.deepEqual(smallestFileSchema.parse(JSON.parse(await readFile(path, "utf8"))), file);
  assert.deepEqual(await noSearch([skipped, hangs]), file);
  const other = { ...hangs, expect: { ...hangs.expect, not: [] } };
  await assert.rejects(noSearch([other]), /left/);
  await writeFile(path, JSON.stringify({ ...file, found: file.found.map((one) => ({ ...one, judge: "6" })) }));
  await assert.rejects(noSearch([hangs]), /left/);
});

test("a file that cannot be read has nothing in it, and none is as good (defect: no table because of a cache)", async () => {
  assert.deepEqual(await readSmallest(place.root), NOTHING);
  await writeFile(join(place.root, "proofs/smallest.json"), "{");
  assert.deepEqual(await readSmallest(place.root), NOTHING);
});

test("without the recordings of a checkout nothing is searched for or written (defect: a table kept in node_modules)", async () => {
  await rm(join(place.root, "test/recordings"));
  await assert.rejects(search([hangs]), {
    name: "UsageError",
    message: /^--smallest needs a checkout of zerodrop, .*; received ".*", which has no such recording\.$/,
  });
  assert.deepEqual(await readdir(join(place.root, "proofs")), []);
});

test("what the judge would miss as large as it is has no smallest size, and why is told (defect: a search that takes the first size for caught)", async () => {
  const size = sizeOf(hangs);
  assert.ok(size !== undefined && !("why" in size));
  const recorded = await withUnpacked(join(CHECKOUT, "test/recordings/all-kinds-pass"), readRecorded);
  const wrong = { ...hangs, expect: { ...hangs.expect, fails: ["step-sequence" as const] } };
  const { missed, caught, why } = smallestOf(wrong, size, recorded);
  assert.deepEqual({ missed, caught }, { missed: 1, caught: null });
  assert.match(why ?? "", /^step-sequence must fail; it is pass/);
});

test("a proof without a size needs no search, and one at a boundary tells its own (defect: a boundary that is halved)", () => {
  assert.equal(knownSmallest(skipped, NOTHING)?.kind, "none");
  assert.equal(knownSmallest(hangs, NOTHING), undefined);
  const boundary = { ...hangs, name: "another", boundaryOf: hangs.name };
  assert.deepEqual(knownSmallest(boundary, NOTHING), {
    ...{ kind: "boundary", of: "one-request-hangs", size: 1, unit: "request" },
  });
  assert.equal(knownSmallest({ ...hangs, name: "nobody-told" }, NOTHING), undefined);
  const list = smallestList([skipped, hangs], { file: NOTHING, width: 100 });
  assert.match(list, /^ {2}skip-step\n {6}smallest caught no size: one step/);
  assert.doesNotMatch(list, /hangs/);
});
