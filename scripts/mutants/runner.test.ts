import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DryRunStatus, MutantRunStatus, TestStatus } from "@stryker-mutator/api/test-runner";
import type { MutantRunOptions } from "@stryker-mutator/api/test-runner";
import { PureTestRunner } from "./runner.ts";

/** A module as Stryker instruments it: every mutant is in it, and the active one acts. */
const MODULE = `
const stryker = (globalThis as any).__stryker__;
const reached = (stryker.mutantCoverage ??= { static: {}, perTest: {} });
const active = (id: string) => stryker.activeMutant === id;
if (active("does-not-load")) throw new Error("no module");
export const LIMIT = active("when-loaded") ? 1 : 10;
export const FAR = active("noticed-from-afar") ? 1 : 1000;
export function half(n: number): number {
  (reached.perTest as any)[stryker.currentTestId] = { "in-a-test": 1 };
  while (active("endless-elsewhere")) void reached.static;
  while (active("endless")) if (++stryker.hitCount > stryker.hitLimit) throw new Error("hit limit");
  return active("in-a-test") ? n : n / 2;
}
`;
const OWN_TESTS = `
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { half } from "./half.ts";
test("halves", async () => assert.equal(await half(4), 2));
describe("of numbers", () => {
  for (const n of [0, 1]) it("nothing is lost", () => assert.ok(half(n) * 2 >= 0));
});
`;
const OTHER_TESTS = `
import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMIT } from "../plan/half.ts";
test("the limit is ten", () => assert.equal(LIMIT, 10));
`;
const FAR_TESTS = `
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAR, half } from "../plan/half.ts";
test("from afar", () => assert.deepEqual([FAR, half(6)], [1000, 3]));
`;
const OWN = "orchestrator/plan/half.test.ts";
const OTHER = "orchestrator/plan/limit.test.ts";
const FAR = "orchestrator/judge/far.test.ts";

const root = await mkdtemp(join(tmpdir(), "mutants-"));
const from = process.cwd();
const runner = new PureTestRunner();

before(async () => {
  for (const room of ["plan", "judge"]) await mkdir(join(root, "orchestrator", room), { recursive: true });
  await writeFile(join(root, "package.json"), `{ "type": "module" }`);
  await writeFile(join(root, "orchestrator/plan/half.ts"), MODULE);
  await writeFile(join(root, OWN), OWN_TESTS);
  await writeFile(join(root, OTHER), OTHER_TESTS);
  await writeFile(join(root, FAR), FAR_TESTS);
  process.chdir(root);
  await runner.init();
});

after(async () => {
  process.chdir(from);
  await rm(root, { recursive: true });
});

/** What becomes of a mutant: of one that acts when modules are loaded where no tests are named, as Stryker asks for it. */
function tried(id: string, testFilter?: readonly string[]) {
  const asked = {
    activeMutant: { id },
    ...(testFilter && { testFilter: [...testFilter] }),
    mutantActivation: testFilter ? "runtime" : "static",
    reloadEnvironment: testFilter === undefined,
    sandboxFileName: join(root, "orchestrator/plan/half.ts"),
    hitLimit: 100,
    disableBail: false,
    timeout: 1000,
  };
  return runner.mutantRun(asked as unknown as MutantRunOptions);
}

test("without a mutant every test is told, by file, name and place, with what it reaches (defect: every mutant tried with every test)", async () => {
  const result = await runner.dryRun();
  assert.equal(result.status, DryRunStatus.Complete);
  assert.deepEqual(
    result.tests.map(({ id, status }) => [id, status]),
    [
      `${FAR} (loading the file)`,
      `${FAR} from afar`,
      `${OWN} (loading the file)`,
      `${OWN} halves`,
      `${OWN} of numbers > nothing is lost`,
      `${OWN} of numbers > nothing is lost (2)`,
      `${OTHER} (loading the file)`,
      `${OTHER} the limit is ten`,
    ].map((id) => [id, TestStatus.Success]),
  );
  assert.equal(result.tests[3]?.startPosition?.line, 4);
  assert.equal(result.tests[3].fileName, join(process.cwd(), OWN));
  const reaching = [
    `${FAR} from afar`,
    `${OWN} halves`,
    `${OWN} of numbers > nothing is lost`,
    `${OWN} of numbers > nothing is lost (2)`,
  ];
  assert.deepEqual(Object.keys(result.mutantCoverage?.perTest ?? {}), reaching);
});

test("a mutant that acts in a test is killed by it, among the tests asked for alone", async () => {
  const killed = await tried("in-a-test", [`${OWN} halves`, `${OTHER} the limit is ten`]);
  assert.ok(killed.status === MutantRunStatus.Killed);
  assert.deepEqual([killed.killedBy, killed.nrOfTests], [[`${OWN} halves`], 1]);
  const other = await tried("in-a-test", [`${OTHER} the limit is ten`]);
  assert.equal(other.status, MutantRunStatus.Survived);
});

test("a mutant that acts when modules are loaded is killed, and gone afterwards (defect: the next one is killed by it)", async () => {
  const killed = await tried("when-loaded");
  assert.ok(killed.status === MutantRunStatus.Killed);
  assert.deepEqual(killed.killedBy, [`${OTHER} the limit is ten`]);
  assert.equal((await tried("nowhere")).status, MutantRunStatus.Survived);
});

test("a mutant that acts when modules are loaded meets its room's tests alone (defect: each survivor costs all the tests there are)", async () => {
  assert.equal((await tried("noticed-from-afar")).status, MutantRunStatus.Survived);
  const named = await tried("in-a-test", [`${FAR} from afar`]);
  assert.equal(named.status, MutantRunStatus.Killed);
});

test("a mutant with which a file of tests cannot be loaded is killed by that (defect: its tests are none, and none fails)", async () => {
  const killed = await tried("does-not-load");
  assert.ok(killed.status === MutantRunStatus.Killed);
  // By the other file's, for that noticed the last mutant of this module.
  assert.deepEqual(killed.killedBy, [`${OTHER} (loading the file)`]);
  assert.match(killed.failureMessage, /no module/);
});

test("a mutant that never ends is told by what it does again and again", async () => {
  const endless = await tried("endless");
  assert.equal(endless.status, MutantRunStatus.Timeout);
});

test("a loop that another module's mutant makes endless is told too (defect: half an hour for each)", async () => {
  const endless = await tried("endless-elsewhere");
  assert.ok(endless.status === MutantRunStatus.Timeout);
  assert.match(endless.reason ?? "", /does not end$/);
});
