import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseFaults, type ReleaseFacts } from "./release.ts";

const FACTS: ReleaseFacts = {
  version: "0.10.0",
  locked: ["0.10.0", "0.10.0"],
  tags: ["v0.9.1", "v0.1.0", "nightly", "v2-draft"],
  changelog: "# Changelog\n\n## Unreleased\n\n## 0.10.0 (2026-12-01)\n\n- One.\n\n## 0.9.1 (2026-11-01)\n\n- Two.\n",
  today: "2026-12-01",
};

test("what is new, locked and written down can be released (defect: 0.10.0 that counts as older than 0.9.1)", () => {
  assert.deepEqual(releaseFaults(FACTS), []);
  assert.deepEqual(releaseFaults({ ...FACTS, tags: [] }), []);
});

const WRONG: readonly (readonly [what: string, facts: Partial<ReleaseFacts>, says: RegExp])[] = [
  ["a version that was released", { tags: ["v0.10.0"] }, /above that of the newest tag, v0\.10\.0; received 0\.10\.0/],
  ["one below what was released", { tags: ["v0.9.0", "v0.11.0"] }, /newest tag, v0\.11\.0; received 0\.10\.0/],
  ["a version that is none", { version: "0.10" }, /three numbers, as 1\.2\.3; received "0\.10"/],
  ["a lock of another version", { locked: ["0.10.0", "0.9.1"] }, /package-lock\.json must .* 0\.10\.0; it has 0\.9\.1/],
  ["a lock without one", { locked: [undefined, "0.10.0"] }, /it has none/],
  [
    "a changelog that was not touched",
    { changelog: "# Changelog\n\n## Unreleased\n\n- One.\n" },
    /section "## 0\.10\.0 \(YYYY-MM-DD\)" below "## Unreleased"; there is none/,
  ],
  [
    "a changelog of another version",
    { changelog: "## Unreleased\n\n## 0.1000 (2026-12-01)\n\n- One.\n" },
    /there is "## 0\.1000 \(2026-12-01\)"/,
  ],
  ["a section without a day", { changelog: "## Unreleased\n\n## 0.10.0\n\n- One.\n" }, /there is "## 0\.10\.0"/],
  [
    "an entry that was left behind",
    { changelog: "## Unreleased\n\n- One.\n\n## 0.10.0 (2026-12-01)\n\n- Two.\n" },
    /must be empty at a release; it has 1/,
  ],
  [
    "a section without entries",
    { changelog: "## Unreleased\n\n## 0.10.0 (2026-12-01)\n\n## 0.9.1\n\n- Two.\n" },
    /must have entries/,
  ],
  ["a day to come", { today: "2026-11-30" }, /today \(2026-11-30\) or before; received 2026-12-01/],
  ["a day that is none", { changelog: FACTS.changelog.replace("2026-12-01", "2026-11-31") }, /received 2026-11-31/],
  [
    "no place for what comes next",
    { changelog: "## 0.10.0 (2026-12-01)\n\n- One.\n" },
    /must begin with "## Unreleased"/,
  ],
  ["an empty changelog", { changelog: "" }, /it begins with ""/],
];

for (const [what, facts, says] of WRONG) {
  test(`${what} is one sentence`, () => {
    const faults = releaseFaults({ ...FACTS, ...facts });
    assert.equal(faults.length, 1, faults.join("\n"));
    assert.match(faults[0] ?? "", says);
    assert.match(faults[0] ?? "", /^[A-Z"p].*\.$/);
  });
}
