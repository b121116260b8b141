import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "./errors.ts";
import { matrixCellSchema, parseMatrixSet, selectCells } from "./matrix-set.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";

const SCENARIOS = ["upgrade", "rollback", "rollback-early", "in-place"];
const parse = (text: string) => parseMatrixSet(text, "sets/mine.yaml", SCENARIOS);

test("cells in their order, each with a name of its own", () => {
  const cells = parse(`cells:
  - { scenario: upgrade, strategy: blue-green, repeat: 10 }
  - { scenario: upgrade, strategy: 20/3/40, serveIngress: proxy, clients: [fresh, long] }
  - { scenario: upgrade, strategy: blue-green, rate: 50 }
  - { scenario: upgrade, rate: max }
  - { scenario: in-place, finding: x-y }
`);
  assert.deepEqual(
    cells.map(({ name, repeat }) => [name, repeat]),
    [
      ["upgrade-blue-green", 10],
      ["upgrade-20-3-40-proxy-fresh-long", 1],
      ["upgrade-blue-green-at-50", 1],
      ["upgrade-at-max", 1],
      ["in-place", 1],
    ],
  );
  assert.equal(cells[1]?.strategy, "20/3/40");
  assert.deepEqual(cells[1].clients, ["fresh", "long"]);
  assert.deepEqual([cells[2]?.rate, cells[3]?.rate], [50, "max"]);
  assert.deepEqual(cells[4], { name: "in-place", scenario: "in-place", repeat: 1, finding: "x-y" });
});

/** Each: a set's text, and what its one sentence must say. */
const bad: readonly (readonly [text: string, ...says: string[]])[] = [
  ["", "must hold one key, cells"],
  ["cells: []", "at least one cell"],
  ["cells: 5", "must hold one key"],
  ["cels: []", "must hold one key"],
  ["cells: [", "must be YAML"],
  ["cells: [upgrade]", "cell 1 must be a group of keys", '"upgrade"'],
  ["cells: [{ strategy: aggressive }]", "cell 1: scenario must be the name of a scenario", "received undefined"],
  ["cells: [{ scenario: upgrade }, { scenario: rolback }]", "cell 2 (rolback)", "nearest is rollback"],
  ["cells: [{ scenario: upgrade, stratgy: x }]", "cell 1 (upgrade)", '"stratgy"', "nearest is strategy"],
  ["cells: [{ scenario: upgrade, strategy: agressive }]", "cell 1 (upgrade): strategy", "nearest is aggressive"],
  ["cells: [{ scenario: upgrade, strategy: 5 }]", "cell 1 (upgrade): strategy must be", "received 5"],
  ["cells: [{ scenario: upgrade, serveIngress: nginx }]", "haproxy or proxy", '"nginx"'],
  ["cells: [{ scenario: upgrade, clients: [] }]", "at least one kind"],
  ["cells: [{ scenario: upgrade, clients: [ws] }]", "clients must be one of", '"ws"'],
  [
    "cells: [{ scenario: upgrade, rate: 0 }]",
    "cell 1 (upgrade): rate must be a whole number of requests",
    "received 0",
  ],
  ["cells: [{ scenario: upgrade, rate: [50] }]", "rate must be requests per second, or max"],
  ["cells: [{ scenario: upgrade, finding: docs/x.md }]", "finding must be the name of a page in docs/findings"],
  ["cells: [{ scenario: upgrade, repeat: 0 }]", "repeat must be a whole number from 1 to 1000", "received 0"],
  ["cells: [{ scenario: upgrade, repeat: ten }]", "repeat must be", '"ten"'],
  ["cells: [{ scenario: upgrade }, { scenario: upgrade, repeat: 2 }]", "cell 2 (upgrade)", "the same as cell 1"],
];

describe("bad sets (defect: a cell that is silently not run, or a refusal that does not say which)", () => {
  for (const [text, ...says] of bad) {
    test(text || "(nothing)", () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof UsageError, String(error));
          assertOneSentence(error.message);
          for (const part of ["sets/mine.yaml", ...says]) {
            assert.ok(error.message.includes(part), `expected ${part} in: ${error.message}`);
          }
          return true;
        },
      );
    });
  }
});

test("--only takes names of cells and of scenarios, in the set's order (defect: rollback-early run for rollback)", () => {
  const cells = parse(`cells:
  - { scenario: upgrade, strategy: blue-green }
  - { scenario: upgrade, strategy: aggressive }
  - scenario: rollback
  - scenario: rollback-early
`);
  const selected = (...names: string[]): string[] => selectCells(cells, names, "--only").map(({ name }) => name);
  assert.deepEqual(selected("rollback", "upgrade"), ["upgrade-blue-green", "upgrade-aggressive", "rollback"]);
  assert.deepEqual(selected("upgrade-aggressive"), ["upgrade-aggressive"]);
  assert.throws(() => selected("in-place"), /^UsageError: --only must name cells .*"in-place", nearest is /);
});

test("what a cell leaves out is left out, what it says is kept (defect: run on the ingress of the scenario)", () => {
  const [plain, proxy] = parse("cells: [{ scenario: upgrade }, { scenario: upgrade, serveIngress: proxy }]");
  assert.deepEqual(plain, { name: "upgrade", scenario: "upgrade", repeat: 1 });
  assert.deepEqual(proxy, { name: "upgrade-proxy", scenario: "upgrade", serveIngress: "proxy", repeat: 1 });
});

test("a cell is run from 1 to 1000 times (defect: a slip of the finger that takes weeks)", () => {
  const cells = parse("cells: [{ scenario: upgrade, repeat: 1 }, { scenario: rollback, repeat: 1000 }]");
  assert.deepEqual(
    cells.map(({ repeat }) => repeat),
    [1, 1000],
  );
});

test("a cell's name is fit for a folder's (defect: brackets and doubled dashes in a path)", () => {
  const [cell] = parseMatrixSet('cells: [{ scenario: "Rollback, (early) II" }]', "sets/mine.yaml", [
    "Rollback, (early) II",
  ]);
  assert.equal(cell?.name, "rollback-early-ii");
});

/** Each: a set's text, and its whole sentence after the name of the file. */
const SENTENCES: readonly (readonly [text: string, sentence: string])[] = [
  ["\n  cells: []\n\n", ' must hold one key, cells, with a list of at least one cell; received "cells: []".'],
  [
    "cells: [upgrade]",
    ': cell 1 must be a group of keys (scenario, strategy, rate, serveIngress, clients, repeat, finding); received "upgrade".',
  ],
  ["cells: [{ scenario: 5 }]", ": cell 1: scenario must be the name of a scenario; received 5."],
  [
    "cells: [{ scenario: upgrade, repeat: 1001 }]",
    ": cell 1 (upgrade): repeat must be a whole number from 1 to 1000; received 1001.",
  ],
  [
    "cells: [{ scenario: upgrade, repeat: 1.5 }]",
    ": cell 1 (upgrade): repeat must be a whole number from 1 to 1000; received 1.5.",
  ],
  [
    "cells: [{ scenario: upgrade, repeat: ten }]",
    ': cell 1 (upgrade): repeat must be a whole number from 1 to 1000; received "ten".',
  ],
  [
    "cells: [{ scenario: upgrade, strategy: 5 }]",
    ": cell 1 (upgrade): strategy must be a strategy's name or STEP/INTERVAL/SURGE as text; received 5.",
  ],
  [
    "cells: [{ scenario: upgrade, clients: steady }]",
    ': cell 1 (upgrade): clients must be a list of kinds of clients; received "steady".',
  ],
  [
    "cells: [{ scenario: upgrade, clients: [ws] }]",
    ': cell 1 (upgrade): clients must be one of steady, fresh, session, burst, large, stream, long; received ["ws"].',
  ],
  [
    "cells: [{ scenario: upgrade, finding: 5 }]",
    ": cell 1 (upgrade): finding must be the name of a page in docs/findings; received 5.",
  ],
  [
    "cells: [{ scenario: rolback }]",
    ': cell 1 (rolback): scenario must be one of the scenarios (--list names those of a set); received "rolback", nearest is rollback.',
  ],
];

test("a refusal says where, what was expected and what was received, as a whole", () => {
  for (const [text, sentence] of SENTENCES) {
    assert.throws(() => parse(text), { name: "UsageError", message: `sets/mine.yaml${sentence}` });
  }
});

test("--only names the nearest of the set's cells and scenarios", () => {
  const cells = parse("cells: [{ scenario: upgrade, strategy: blue-green }, { scenario: rollback }]");
  assert.throws(() => selectCells(cells, ["rollback", "upgarde"], "--only"), {
    name: "UsageError",
    message:
      '--only must name cells or scenarios of the set with commas between them; received "upgarde", nearest is upgrade.',
  });
});

test("where there is nothing to choose from no name is made up (defect: a guess that is in no list)", () => {
  assert.throws(() => selectCells([], ["upgrade"], "--only"), {
    name: "UsageError",
    message: /received "upgrade", there is none\.$/,
  });
  assert.throws(() => parseMatrixSet("cells: [{ scenario: upgrade }]", "sets/mine.yaml", []), {
    name: "UsageError",
    message: /received "upgrade", there is none\.$/,
  });
});

const RECORDED = { name: "upgrade", scenario: "upgrade", repeat: 1 };

test("every cell of a set is one again when it is read back (defect: a report that cannot read what was run)", () => {
  const cells = parse(`cells:
  - { scenario: upgrade, strategy: 20/3/40, serveIngress: proxy, clients: [fresh, long], rate: max, repeat: 1000 }
  - { scenario: upgrade, strategy: blue-green, rate: 50, finding: x-y }
  - { scenario: in-place, serveIngress: haproxy, clients: [steady], rate: 1, repeat: 2 }
  - { scenario: rollback }
`);
  for (const cell of cells) assert.deepEqual(matrixCellSchema.parse(JSON.parse(JSON.stringify(cell))), cell);
  assert.deepEqual(matrixCellSchema.parse(RECORDED), RECORDED);
});

/** Each: what no cell says. */
const NO_CELLS: readonly Readonly<Record<string, unknown>>[] = [
  { name: undefined },
  { name: "" },
  { name: "Upgrade" },
  { name: "upgrade.html" },
  { name: "../upgrade" },
  { name: "upgrade/.." },
  { scenario: undefined },
  { strategy: 5 },
  { rate: 0 },
  { rate: 1.5 },
  { rate: "" },
  { rate: "50" },
  { serveIngress: "nginx" },
  { clients: [] },
  { clients: ["ws"] },
  { repeat: undefined },
  { repeat: 0 },
  { repeat: 1.5 },
  { repeat: 1001 },
  { finding: 5 },
];

test("what no set gives is no cell (defect: a name that leads out of the folder of the report)", () => {
  for (const odd of NO_CELLS) {
    assert.equal(matrixCellSchema.safeParse({ ...RECORDED, ...odd }).success, false, JSON.stringify(odd));
  }
});
