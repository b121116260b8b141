/** For tests only: proofs of which one came to everything that one can come to. */
import { environmentOf } from "../../matrix/outcome.ts";
import { withRun } from "../../matrix/matrix.ts";
import { runResult } from "../../testing.ts";
import { newProve, withOutcome, type Prove, type ProvedOutcome, type ProvedRecord } from "../prove.ts";

export function record(name: string, rest: Partial<ProvedRecord> = {}): ProvedRecord {
  return {
    name,
    description: `What ${name} does.`,
    group: "clients",
    sabotage: { kind: "proxy" },
    scenario: "upgrade",
    expect: { verdict: "fail", fails: ["zero-failures"], invalid: [], not: [] },
    ...rest,
  };
}

const CAUGHT: ProvedOutcome = {
  came: "caught",
  why: null,
  verdict: "fail",
  sentence: "Clients noticed.",
  judge: "6",
  failed: ["zero-failures", "disruption-windows"],
  invalid: ["rate-held", "recording-complete"],
  known: [],
  detectedSeconds: 1.25,
  done: { what: "The proxy answered 503.", count: 1234 },
  requests: 7800,
};

/** Caught, missed, caught with trouble afterwards, not run, running, and not begun. */
export function proveOfAll(): Prove {
  const spoiled = { verdict: "invalid" as const, fails: [], invalid: ["recording-complete" as const], not: [] };
  let prove = newProve(
    [
      record("short-503", { expect: { ...record("").expect, invalid: ["recording-complete"] } }),
      record("weight-goes-back", { group: "operator", expect: { ...record("").expect, fails: ["traffic-monotone"] } }),
      record("rows-lost", { group: "evidence", expect: spoiled }),
      record("watch-deaf", { group: "evidence", expect: spoiled }),
      record("runner-killed", { group: "evidence", expect: spoiled }),
      record("load-stopped", { group: "evidence", expect: spoiled }),
    ],
    { asked: { only: null, group: null }, createdAt: "2026-03-14T09:00:00.000Z" },
  );
  const environment = environmentOf(runResult());
  const outcomes: readonly ProvedOutcome[] = [
    CAUGHT,
    {
      ...CAUGHT,
      came: "missed",
      why: "traffic-monotone must fail; it is pass: Traffic never went back.",
      verdict: "known",
      failed: [],
      invalid: ["rate-held"],
      known: ["zero-failures"],
      detectedSeconds: null,
    },
    {
      ...CAUGHT,
      verdict: "invalid",
      failed: [],
      invalid: ["recording-complete"],
      detectedSeconds: null,
      done: { what: "Rows were lost.", count: null },
    },
  ];
  for (const [index, outcome] of outcomes.entries()) {
    const startedAt = `2026-03-1${String(4 + index)}T09:0${String(index)}:00.000Z`;
    const error = index === 2 ? "The application was not removed." : null;
    prove = withRun(prove, index, {
      status: "done",
      folder: `0${String(index + 1)}-run`,
      startedAt,
      tookSeconds: 90,
      error,
    });
    prove = withOutcome(prove, index, { outcome, environment });
  }
  prove = withRun(prove, 3, {
    status: "failed-to-run",
    folder: "04-run",
    error: "The sabotage was not done: no moment came.",
  });
  return withRun(prove, 4, { status: "running", folder: "05-run" });
}
