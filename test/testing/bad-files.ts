/** For tests only: recordings, tables and places that no command can read or write. */
import { planOf } from "../../orchestrator/checks/testing.ts";
import { recordingIn, type BadInput } from "./bad-inputs.ts";

type Says = BadInput["says"];

/** A folder `rec` with this in the place of a recording's files, and what each command that judges one must say of it. */
const RECORDINGS: readonly (readonly [instead: Record<string, string | null | undefined>, ...Says])[] = [
  [{ "plan.json": undefined }, /rec/, /no recording/, /it has no plan.json/],
  [{ "plan.json": null }, /plan.json/, /where a file should be/, /is a folder/],
  [{ "plan.json": "" }, /plan.json/, /expected JSON/, /received ""/],
  [{ "plan.json": "{}" }, /plan.json/, /expected/, /schemaVersion/],
  [{ "plan.json": JSON.stringify({ ...planOf(), schemaVersion: 2 }) }, /plan.json/, /reads up to 1/, /newer zerodrop/],
  [
    { "plan.json": JSON.stringify({ ...planOf(), seed: "x" }) },
    /plan.json: seed/,
    /expected number/,
    /received string/,
  ],
  [{ "history.ndjson": undefined }, /history.ndjson/, /history.ndjson/, /is missing/],
  [{ "history.ndjson": "nonsense\n" }, /history.ndjson line 1/, /expected JSON/, /"nonsense"/],
  [{ "history.ndjson": '{"schemaVersion":1,"runId":"other","file":"history"}\n' }, /line 1/, /to run/, /run other/],
  [{ "ledger.ndjson": undefined }, /ledger.ndjson/, /ledger.ndjson/, /is missing/],
  [
    { "ledger.ndjson": `{"schemaVersion":1,"runId":"${planOf().runId}","file":"history"}\n` },
    /ledger.ndjson line 1/,
    /expected the header of a ledger/,
    /that of a history/,
  ],
  [{ "k6-summary.json": "[]" }, /k6-summary.json/, /expected object/, /received array/],
];

const rows: BadInput[] = RECORDINGS.flatMap(([instead, ...says]) => {
  const files = recordingIn("rec", instead);
  return ["analyze rec", "report rec", "compare rec rec"].map((argv) => ({ argv, files, says }));
});

/** Command lines about files that are there, and what must be said of them. */
const PLACES: readonly (readonly [argv: string, files: Record<string, string | null>, ...Says])[] = [
  ["load --out .", { "mine.txt": "" }, /--out/, /an empty or new folder/, /which holds mine.txt/],
  ["load --out mine.txt", { "mine.txt": "" }, /--out/, /can be written to/, /not a folder/],
  ["load --out mine.txt/a/b", { "mine.txt": "" }, /--out/, /can be written to/, /not a folder/],
  ["load --repeat 2 --out .", { "mine.txt": "" }, /--out/, /an empty or new folder/, /mine.txt/],
  ["matrix --out .", { "mine.txt": "" }, /--out/, /an empty or new folder/, /mine.txt/],
  ["prove --out .", { "mine.txt": "" }, /--out/, /an empty or new folder/, /mine.txt/],
  ["load --context a", { kubeconfig: "contexts: [{ name: b }]" }, /--context/, /it has b/, /"a"/],
  ["load --context a", { kubeconfig: "contexts: [" }, /--context/, /it has none/, /"a"/],
  ["load --context b", { kubeconfig: "contexts: [{ name: b }]" }, /kubeconfig/, /usable/, /clusters/],
  ["doctor --context b", { kubeconfig: "contexts: [{ name: b }]" }, /kubeconfig/, /usable/, /clusters/],
  [
    "load --target embedded --context b",
    { kubeconfig: "contexts: [{ name: b }]" },
    /--context/,
    /--target context/,
    /"b" with --target embedded/,
  ],
  ["matrix --resume --out .", { "matrix.json": "{" }, /matrix.json/, /of this zerodrop/, /expected JSON/],
  ["matrix --resume --out .", { "matrix.json": "{}" }, /matrix.json/, /of this zerodrop/, /schemaVersion/],
  ["prove --resume --out .", { "prove.json": "[]" }, /prove.json/, /of this zerodrop/, /received array/],
  ["analyze rec --out rec/again", recordingIn("rec"), /--out/, /outside of the recording/, /rec\/again/],
  ["analyze rec --out .", recordingIn("rec"), /--out/, /an empty or new folder/, /which holds rec/],
  ["report rec --out .", recordingIn("rec"), /--out/, /a file in a folder that exists/, /it is a folder/],
  ["report rec --out no/such.html", recordingIn("rec"), /--out/, /in a folder that exists/, /not there/],
  ["compare rec nowhere", recordingIn("rec"), /nowhere/, /nowhere/, /is missing/],
  ["history rec", recordingIn("rec"), /rec/, /the folder that recordings lie in/, /itself a recording/],
  ["history mine.txt", { "mine.txt": "" }, /mine.txt/, /a folder of recordings/, /a file/],
];

export const BAD_FILES: readonly BadInput[] = [
  ...rows,
  ...PLACES.map(([argv, files, ...says]) => ({ argv, files, says })),
];
