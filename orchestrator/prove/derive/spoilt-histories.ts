import type { Observation } from "../../history/observation.ts";
import { factsOf } from "./course.ts";
import { cutOff, endedEarly } from "./cut.ts";
import { altered, changedAtMs, failing } from "./hurt.ts";
import { NO_NAME } from "./failures.ts";
import type { Recorded } from "./recorded.ts";

/** What a proof's sabotage that has no size makes of the recording of a real upgrade, by the proof's name; or one that has more to it than its size. */
export const SPOILT_HISTORIES: Readonly<Record<string, (recorded: Recorded) => Recorded>> = {
  "old-version-after-cutover": (recorded) => {
    const { sides, promoted } = factsOf(recorded);
    const fromS = (promoted.wallMs - changedAtMs(recorded)) / 1000 + 2;
    const isNew = ({ cluster }: { cluster: string }): boolean => cluster === sides.new.cluster;
    return altered(recorded, { fromS, every: 50, times: 10, is: isNew }, (line) => [{ ...line, ...sides.old }]);
  },
  "load-stopped-early": (recorded) => endedEarly(recorded, 46.5),
  "ledger-rows-lost": (recorded) => ({
    ...recorded,
    ledger: recorded.ledger.filter((_line, index) => (index + 1) % 100 !== 0),
  }),
  "runner-killed": (recorded) => cutOff(recorded, 46.5),
  "answers-without-version": (recorded) => unsteady(failing(recorded, { fromS: -100 }, NO_NAME)),
  "application-fails-from-the-start": (recorded) =>
    unsteady(failing(recorded, { fromS: -100, every: 50 }, { status: 503, errorCode: 1503 })),
};

/** A warm-up that never was steady, and so no change. */
function unsteady(recorded: Recorded): Recorded {
  const history = recorded.history.flatMap((line): Observation[] => {
    if (line.type === "warm-up-reading") return [{ ...line, failed: 4, streak: 0 }];
    return line.type === "action" && line.action === "warm-up-steady" ? [] : [line];
  });
  return endedEarly({ ...recorded, history }, -0.5);
}
