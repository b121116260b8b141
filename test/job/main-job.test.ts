import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { contentsOf, installed, ran, type Ended, type Installed } from "../pack/installed.ts";

/** A first build, the cluster and a run. */
const LONGEST_MS = 45 * 60_000;

let place: Installed;
let asInstalled: Map<string, string>;
before(async () => {
  place = await installed();
  asInstalled = await contentsOf(place.folder);
});
after(async () => {
  // However the test ended, nothing of the node stays.
  await zerodrop("cluster", "down");
  await place[Symbol.asyncDispose]();
});

function zerodrop(...args: string[]): Promise<Ended> {
  return ran("npx", ["--no-install", "zerodrop", ...args], place.project, LONGEST_MS);
}

test("the package upgrades an application under load, from an empty folder, and judges it (defect: what works in a checkout alone)", async () => {
  const { code, stdout, stderr } = await zerodrop("load", "--strategy", "aggressive", "--accept", "known");
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const results = join(place.project, "results/latest");
  const files = await readdir(results);
  for (const name of [
    "plan.json",
    "history.ndjson",
    "ledger.ndjson",
    "run.json",
    "junit.xml",
    "summary.md",
    "report.html",
  ]) {
    assert.ok(files.includes(name), `${name} is not among ${files.join(", ")}`);
  }
  const { verdict } = z
    .looseObject({ verdict: z.string() })
    .parse(JSON.parse(await readFile(join(results, "run.json"), "utf8")));
  assert.ok(verdict === "pass" || verdict === "known", verdict);
  const again = await zerodrop("analyze", "results/latest", "--json");
  assert.equal(again.stdout, await readFile(join(results, "run.json"), "utf8"));
});

test("nothing of that was written into the package", async () => {
  assert.deepEqual(await contentsOf(place.folder), asInstalled);
});
