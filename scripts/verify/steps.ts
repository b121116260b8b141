import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RUN_SCHEMA_FILE } from "../../orchestrator/report/run-schema.ts";
import { SCENARIOS_PAGE } from "../scenario-table.ts";
import { licenceFaults, parseDeclared } from "./licences.ts";
import { answerOf, run } from "./process.ts";
import { releaseFaults } from "./release.ts";
import { StepFailure, type Step, type StepParts } from "./step.ts";

const DECLARED = "scripts/verify/unknown-licences.yaml";
const packageSchema = z.looseObject({ version: z.string() });
const lockSchema = z.looseObject({
  version: z.string().optional(),
  packages: z.looseObject({ "": z.looseObject({ version: z.string().optional() }) }),
});

/**
 * Everything that a release needs, for the checkout in `root`. What is asked in a second comes first, what needs the cluster last; licences come after the
 * tests that build what they are read from. `now` is the moment of the release.
 */
export function releaseSteps(root: string, now: Date): readonly Step[] {
  const script = (name: string, script: string, asks: string): Step => {
    const command = script === "test" ? ["npm", "test"] : ["npm", "run", "--silent", script];
    const typed = command.filter((word) => word !== "--silent").join(" ");
    return { name, asks, command: typed, run: ({ signal }) => run(command, { cwd: root, signal }) };
  };
  return [
    {
      name: "version",
      asks: "the version is new, and CHANGELOG.md says what is in it",
      run: (parts) => version(root, now, parts),
    },
    { name: "clean", asks: "the working tree is what was committed", run: (parts) => clean(root, parts) },
    {
      name: "reference",
      asks: "files that are made from others are as these say",
      command: "npm run schema && npm run scenarios",
      run: (parts) => reference(root, parts),
    },
    script("test", "test", "format, lint, types, dead code, unit and property tests"),
    script("go", "test:go", "Go's tests"),
    script("pack", "test:pack", "the npm package, used in an empty project"),
    script("report", "test:report", "report.html in a real browser"),
    script("load", "test:load", "the real k6, and what it accounts for"),
    script("docs", "test:docs", "commands of the documentation that take minutes"),
    script("cluster", "test:cluster", "faults, upgrades and a rollback on the embedded cluster"),
    script(
      "examples",
      "test:examples",
      "the services in examples/, upgraded under load by the commands in their READMEs",
    ),
    script(
      "release",
      "test:release",
      "documented commands that take many minutes, and a platform that is installed and removed",
    ),
    {
      name: "licences",
      asks: `every licence is known, or in ${DECLARED}`,
      command: "npm run licenses -- --json",
      run: (parts) => licences(root, parts),
    },
    script("job", "test:job", "an upgrade under load, from the npm package, in an empty folder"),
  ];
}

async function version(root: string, now: Date, { signal }: StepParts): Promise<void> {
  const text = (name: string): Promise<string> => readFile(join(root, name), "utf8");
  const lock = lockSchema.parse(JSON.parse(await text("package-lock.json")));
  failWith(
    releaseFaults({
      version: packageSchema.parse(JSON.parse(await text("package.json"))).version,
      locked: [lock.version, lock.packages[""].version],
      tags: linesOf(await answerOf(["git", "tag", "--list"], { cwd: root, signal })),
      changelog: await text("CHANGELOG.md"),
      today: now.toISOString().slice(0, "YYYY-MM-DD".length),
    }),
  );
}

async function clean(root: string, { signal }: StepParts): Promise<void> {
  const changed = linesOf(await answerOf(["git", "status", "--porcelain"], { cwd: root, signal }));
  failWith(changed.length === 0 ? [] : ["The working tree must be what was committed; this differs:", ...changed]);
}

async function reference(root: string, { signal }: StepParts): Promise<void> {
  const files = [RUN_SCHEMA_FILE, SCENARIOS_PAGE];
  const read = (): Promise<string[]> => Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  const before = await read();
  for (const script of ["schema", "scenarios"]) await run(["npm", "run", "--silent", script], { cwd: root, signal });
  const after = await read();
  const behind = files.filter((_, index) => before[index] !== after[index]);
  failWith(behind.map((file) => `${file} was not as what it is made from says; it is now, and has to be committed.`));
}

async function licences(root: string, { signal }: StepParts): Promise<void> {
  const declared = parseDeclared(await readFile(join(root, DECLARED), "utf8"), DECLARED);
  const command = ["npm", "run", "--silent", "licenses", "--", "--json"];
  failWith(licenceFaults(await answerOf(command, { cwd: root, signal }), declared));
}

function failWith(faults: readonly string[]): void {
  if (faults.length > 0) throw new StepFailure(faults.join("\n"));
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
