/** What the exit codes of each command say; docs/reference.md has them too. */
import type { Section } from "./help-page.ts";

/** Of commands that make a verdict, or bring up what a run needs. */
export const EXIT_CODES: Section = {
  kind: "exit-codes",
  rows: [
    [0, "pass: every required check held, on good enough evidence"],
    [1, "fail: something was witnessed that must not happen"],
    [2, "invalid: the evidence is too weak to judge"],
    [3, "known: exactly what a declared upstream defect explains (0 with --accept known)"],
    [64, "bad arguments or configuration; nothing was created"],
    [69, "cluster, image, quota or a prerequisite could not be made ready"],
    [70, "a bug in zerodrop"],
    [130, "interrupted by Ctrl-C (143: by SIGTERM); the recording stays"],
  ],
};

/** Of commands that tell something about recordings and judge nothing. */
export const READING_EXIT_CODES: Section = {
  kind: "exit-codes",
  rows: [
    [0, "done, whatever the verdicts"],
    [64, "bad arguments, or a folder without a readable recording"],
    [70, "a bug in zerodrop"],
    [130, "interrupted by Ctrl-C (143: by SIGTERM)"],
  ],
};

export const PROVE_EXIT_CODES: Section = {
  kind: "exit-codes",
  rows: [
    [0, "every sabotage was caught by the checks that should"],
    [1, "one was missed, or caught for another reason than the right one"],
    [2, "none was missed, but one was not run, or its sabotage was not done"],
    [64, "bad arguments or a bad record; nothing was created"],
    [69, "the folder is in use by another process"],
    [70, "a bug in zerodrop"],
    [130, "interrupted by Ctrl-C (143: by SIGTERM); --resume goes on"],
  ],
};

export const FIRE_EXIT_CODES: Section = {
  kind: "exit-codes",
  rows: [
    [0, "every recording was readable, every message clear, every next run worked, nothing was left"],
    [1, "something of that was not so"],
    [2, "all held, but one could not be run, or no run has come after it yet"],
    [64, "bad arguments; nothing was created"],
    [69, "the folder is in use by another process"],
    [70, "a bug in zerodrop"],
    [130, "interrupted by Ctrl-C (143: by SIGTERM); --resume goes on"],
  ],
};

export const DOCTOR_EXIT_CODES: Section = {
  kind: "exit-codes",
  rows: [
    [0, "the cluster has all that a run needs"],
    [64, "bad arguments or configuration"],
    [69, "it has not, or does not answer"],
    [70, "a bug in zerodrop"],
    [130, "interrupted by Ctrl-C (143: by SIGTERM)"],
  ],
};

export const HISTORY_EXIT_CODES: Section = {
  kind: "exit-codes",
  rows: [
    [0, "the runs were listed, whatever their verdicts"],
    [1, "with --fail-on-regression: the latest run of a group was named a regression"],
    [64, "bad arguments, or a folder that cannot be read"],
    [70, "a bug in zerodrop"],
    [130, "interrupted by Ctrl-C (143: by SIGTERM)"],
  ],
};
