import type { ShotFacts } from "../fire.ts";

/** For tests only: a run that was killed while traffic moved, of which all held. */
export const KILLED: ShotFacts = {
  hit: { seconds: 80, phase: "traffic" },
  ended: { killed: true, exitCode: null, seconds: 0, said: [], namesNext: false },
  recording: { runId: "run-1", complete: false, verdict: "none" },
  analysis: { exitCode: 2, seconds: 1.5, verdict: "invalid", said: "The recording ends before the change does." },
  processes: [],
  outside: [],
  next: { by: "drain-1", worked: true, why: null, left: [] },
};
