import assert from "node:assert/strict";
import { test } from "node:test";
import { additions } from "./add-totals.ts";

const totals = (issued: number, inFlight: number, dropped: number) => ({ issued, inFlight, dropped });

test("what no pod tells is left out (defect: an account of nothing lost, by ledgers that never said so)", () => {
  assert.deepEqual(additions([{}, {}]), {});
  assert.deepEqual(additions([]), {});
});

test("what one pod tells is told, whatever the others leave out (defect: lost rows forgotten as one ledger has no such count)", () => {
  const steady = totals(7, 2, 1);
  assert.deepEqual(additions([{ lost: 2 }, {}]), { lost: 2 });
  assert.deepEqual(additions([{}, { lost: 0 }]), { lost: 0 });
  assert.deepEqual(additions([{ lost: 2 }, { lost: 3 }]), { lost: 5 });
  assert.deepEqual(additions([{}, { clients: { steady } }]), { clients: { steady } });
  assert.deepEqual(additions([{ clients: { steady } }, {}]), { clients: { steady } });
});

test("a kind of client is added up over the pods that have it", () => {
  const pods: Parameters<typeof additions>[0] = [
    { clients: { steady: totals(7, 2, 1), fresh: totals(1, 0, 0) } },
    { clients: { steady: totals(5, 1, 3), long: totals(2, 2, 0) } },
  ];
  assert.deepEqual(additions(pods), {
    clients: { steady: totals(12, 3, 4), fresh: totals(1, 0, 0), long: totals(2, 2, 0) },
  });
});

test("the oldest start is the oldest that any pod tells (defect: no time at all, as one pod does not tell)", () => {
  const startOf = (...starts: readonly (number | null | undefined)[]) => {
    const pods = starts.map((oldestStartMs) => ({
      clients: { steady: { ...totals(1, 1, 0), ...(oldestStartMs === undefined ? {} : { oldestStartMs }) } },
    }));
    return additions(pods).clients?.["steady"];
  };
  const both = totals(2, 2, 0);
  assert.deepEqual(startOf(500, 300), { ...both, oldestStartMs: 300 });
  assert.deepEqual(startOf(undefined, 300), { ...both, oldestStartMs: 300 });
  assert.deepEqual(startOf(300, undefined), { ...both, oldestStartMs: 300 });
  assert.deepEqual(startOf(null, 300), { ...both, oldestStartMs: 300 });
  assert.deepEqual(startOf(null, undefined), { ...both, oldestStartMs: null });
  assert.deepEqual(startOf(undefined, undefined), both);
});

test("a kind may have any name (defect: one that every object has something by is added to that)", () => {
  const pods = [{ clients: { constructor: totals(7, 2, 1) } }, { clients: { constructor: totals(5, 1, 3) } }];
  assert.deepEqual(additions(pods), { clients: { constructor: totals(12, 3, 4) } });
});
