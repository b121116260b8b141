import { join, relative } from "node:path";
import { EXIT_CODES } from "../judge/verdict.ts";
import type { Plan } from "../plan/plan.ts";
import type { Proof } from "../prove/proof.ts";
import { withRun } from "../report/matrix/matrix.ts";
import { newProve, proveCounts, proveSchema, withOutcome, type Prove } from "../report/prove/prove.ts";
import { proveMarkdown } from "../report/prove/prove-markdown.ts";
import { proveText } from "../report/prove/prove-text.ts";
import type { ProveCommand } from "./args.ts";
import { whatIsCreated } from "./embedded-request.ts";
import type { LoadParts } from "./load.ts";
import { momentsAfter } from "./moments.ts";
import { asTyped, checkOut } from "./out.ts";
import { earlierRuns, resultOf } from "./prove-earlier.ts";
import { askedProofs, proofList, PROVE, writeProofSection, writeProve } from "./prove-files.ts";
import { planProof } from "./prove-plan.ts";
import type { runProofProcess } from "./prove-process.ts";
import { runProof } from "./prove-run.ts";
import { findSmallest, knownSmallest, readSmallest, smallestList } from "./prove-smallest.ts";
import { goThroughRuns } from "./run-loop.ts";
import { typed, type Places } from "./started.ts";
import { appendStepSummary } from "./step-summary.ts";
import {
  freeFolder,
  newFolder,
  readTable,
  requireSameFlags,
  resumedFolder,
  tableJson,
  takeTable,
} from "./table-files.ts";

export interface ProveParts extends LoadParts {
  /** Columns of the terminal. */
  readonly width: number;
  /** How a proof's process is run; a real one when left out. */
  readonly runProcess?: typeof runProofProcess;
  /** Wall ms; the system's when left out. */
  readonly now?: () => number;
}

/** What is asked for, and where it goes. */
interface Asked {
  readonly folder: string;
  readonly asked: Prove["asked"];
  readonly createdAt: string;
  readonly proofs: readonly Proof[];
}

/**
 * `npm run prove`: sabotages the real chain on purpose, one proof after another on one cluster, and tells whether the judge noticed each. A proof that has a result of
 * the same record, plan, versions and environment is not run again; `--resume` goes on in the folder that was begun. Resolves to 0 when all were caught, 1 when one was
 * missed, 2 when one was not run.
 */
export async function runProve(command: ProveCommand, parts: ProveParts): Promise<number> {
  const { root, cwd, home, progress, print } = parts;
  if (command.list) {
    print(proofList(await askedProofs(root, wanted(command)), parts.width));
    return 0;
  }
  if (command.smallest) return tellSmallest(command, parts);
  const moments = momentsAfter(parts.now ?? (() => Date.now()));
  const asked = command.resume ? await resumed(command, parts) : await begun(command, parts, moments());
  const { folder, proofs } = asked;
  // Every one: a proof that cannot be planned is refused before anything was run.
  const plans: Plan[] = [];
  const first = moments();
  for (const proof of proofs) {
    plans.push((await planProof(proof, { root, cwd, home, now: first, out: join(folder, `${proof.name}.next`) })).plan);
  }
  if (command.dryRun) {
    print(plansText(folder, await withEarlier(asked, plans, parts), plans));
    return 0;
  }
  await using taken = await takeTable(folder, command, cwd);
  const { resultsFile } = taken;
  let prove = await withEarlier(asked, plans, parts);
  const save = async (): Promise<void> => {
    await writeProve(folder, prove);
    if (resultsFile !== undefined) await writeProofSection(resultsFile, prove);
  };
  await save();
  const note = (text: string): void => progress.note(text);
  const interrupted = await goThroughRuns(prove.runs, {
    folderFor: ({ proof: { name } }, index) => freeFolder(folder, { name, index, of: proofs.length }),
    run: async ({ proof: { name } }, into) => {
      const index = proofs.findIndex((one) => one.name === name);
      const proof = proofs[index];
      if (proof === undefined) throw new Error(`There is no proof ${name}.`);
      note(`Proof ${String(index + 1)} of ${String(proofs.length)}: ${name}`);
      const { plan, out } = await planProof(proof, { root, cwd, home, now: moments(), out: join(folder, into) });
      return runProof({ proof, plan, out }, parts);
    },
    exitCodeOf: ({ outcome }) => (outcome.came === "caught" ? EXIT_CODES.pass : EXIT_CODES.fail),
    put: async (index, change, fresh) => {
      prove = withRun(prove, index, change);
      if (fresh !== undefined) prove = withOutcome(prove, index, fresh.result);
      await save();
    },
    now: () => new Date(),
    monoMs: () => performance.now(),
  });
  const place = { colour: parts.colour, width: parts.width, folder: asTyped(folder, cwd) };
  print(command.json ? tableJson(prove) : proveText(prove, place));
  // A job's page is in no folder: nothing can be linked from there.
  await appendStepSummary(proveMarkdown(prove, { toProofs: null }), { env: parts.env, note });
  if (interrupted !== undefined) {
    note(`Go on with it with: ${typed(`prove --resume --out ${place.folder}`)}`);
    throw interrupted;
  }
  return exitCodeOfProve(prove);
}

/** `--smallest`: the sizes that there are already, and those that are still to be found. */
async function tellSmallest(
  command: ProveCommand,
  { root, progress, signal, print, width }: ProveParts,
): Promise<number> {
  const proofs = await askedProofs(root, wanted(command));
  const file = await findSmallest(proofs, { root, note: (text) => progress.note(text), signal });
  print(command.json ? tableJson(file) : smallestList(proofs, { file, width }));
  return EXIT_CODES.pass;
}

/** What was missed counts before what was not run. */
function exitCodeOfProve(prove: Prove): number {
  const { missed, notRun, left } = proveCounts(prove);
  if (missed > 0) return EXIT_CODES.fail;
  return notRun + left > 0 ? EXIT_CODES.invalid : EXIT_CODES.pass;
}

function wanted({ only, group }: ProveCommand): Prove["asked"] {
  return { only: only === undefined ? null : [...only], group: group ?? null };
}

async function begun(command: ProveCommand, { root, cwd, home }: ProveParts, now: Date): Promise<Asked> {
  const asked = wanted(command);
  const proofs = await askedProofs(root, asked);
  const folder = newFolder(PROVE, command.out, { home, cwd, now });
  await checkOut(folder);
  return { folder, asked, createdAt: now.toISOString(), proofs };
}

/** What was asked for at first stays, with the records as they are now; another selection is another table. */
async function resumed(command: ProveCommand, parts: ProveParts): Promise<Asked> {
  const folder = await resumedFolder(PROVE, command.out, parts);
  const { asked, createdAt } = await readTable(PROVE, proveSchema, folder);
  requireSameFlags("the proofs that are", [
    ["--only", command.only?.join(","), asked.only?.join(",") ?? "all proofs"],
    ["--group", command.group, asked.group ?? "all groups"],
  ]);
  return { folder, asked, createdAt, proofs: await askedProofs(parts.root, asked) };
}

/** The proofs with the results that there are. */
async function withEarlier(
  { folder, asked, createdAt, proofs }: Asked,
  plans: readonly Plan[],
  { root, home }: Places,
): Promise<Prove> {
  const runs = await earlierRuns(home, folder);
  const found = await readSmallest(root);
  let prove = newProve(proofs, { asked, createdAt });
  for (const [index, proof] of proofs.entries()) {
    const smallest = knownSmallest(proof, found);
    if (smallest !== undefined) prove = withRun(prove, index, { smallest });
  }
  for (const [index, plan] of plans.entries()) {
    const record = prove.runs[index]?.proof;
    if (record === undefined) continue;
    const result = await resultOf({ record, plan }, runs);
    if (result === undefined) continue;
    const { outcome: _, proof: __, smallest: ___, ...progress } = result.earlier.run;
    prove = withRun(prove, index, { ...progress, folder: relative(folder, result.earlier.folder) });
    prove = withOutcome(prove, index, result.proved);
  }
  return prove;
}

/** What would be run: JSON with a newline at the end. */
function plansText(folder: string, { runs }: Prove, plans: readonly Plan[]): string {
  const left = runs.flatMap(({ status, proof: { name, sabotage, expect } }, index) => {
    const plan = plans[index];
    if (status === "done" || plan === undefined) return [];
    return [{ name, sabotage, expect, plan, creates: whatIsCreated(plan) }];
  });
  return tableJson({ out: folder, withResult: runs.length - left.length, runs: left });
}
