import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  parseChoice,
  parseClients,
  parseParallelism,
  parseRate,
  parseRepeat,
  PROFILE,
  SERVE_INGRESS,
  TARGET,
  type Choice,
} from "./options.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";

/** Each call is refused as a wrong use, in this sentence. */
function assertRefused(call: () => unknown, message: string): void {
  assert.throws(call, { name: "UsageError", message });
  assertOneSentence(message);
}

/** With something planned. */
const PLANNED: Choice<"embedded" | "context"> = { built: ["embedded", "context"], planned: ["kind"] };

describe("a choice", () => {
  test("what is built is taken as it stands", () => {
    assert.equal(parseChoice("embedded", "--target", TARGET), "embedded");
    assert.equal(parseChoice("kind", "--target", TARGET), "kind");
    assert.equal(parseChoice("standard", "--profile", PROFILE), "standard");
    assert.equal(parseChoice("proxy", "--serve-ingress", SERVE_INGRESS), "proxy");
  });

  test("what is planned is told from what is unknown (defect: a planned target is taken for a slip of the finger)", () => {
    assertRefused(
      () => parseChoice("kind", "--target", PLANNED),
      '--target kind is planned but not built yet; expected embedded or context, received "kind".',
    );
    assertRefused(
      () => parseChoice("embeded", "--target", PLANNED),
      '--target must be embedded or context (planned but not built yet: kind); received "embeded", nearest is embedded.',
    );
  });

  test("where nothing is planned, nothing is said of plans (defect: empty brackets in the sentence)", () => {
    assertRefused(
      () => parseChoice("standart", "--profile", PROFILE),
      '--profile must be small or standard; received "standart", nearest is standard.',
    );
    assertRefused(
      () => parseChoice("haprox", "--serve-ingress", SERVE_INGRESS),
      '--serve-ingress must be haproxy or proxy; received "haprox", nearest is haproxy.',
    );
    assertRefused(
      () => parseChoice("kynd", "--target", TARGET),
      '--target must be embedded or context or kind; received "kynd", nearest is kind.',
    );
  });

  test("the nearest one may be a planned one (defect: kynd taken for embedded)", () => {
    assertRefused(
      () => parseChoice("kynd", "--target", PLANNED),
      '--target must be embedded or context (planned but not built yet: kind); received "kynd", nearest is kind.',
    );
  });
});

/** What Number() takes for a number in the ranges below, or what lies just outside them. */
const NO_COUNTS = ["", " 5", "5 ", "+5", "-5", "1.5", "1e1", "0x10", "five", "5x", "0"];

describe("a rate", () => {
  test("whole numbers up to the most, with and without quotes, and max (defect: the bounds themselves refused)", () => {
    for (const [received, rate] of [
      [1, 1],
      ["1", 1],
      [250, 250],
      ["250", 250],
      [100_000, 100_000],
      ["100000", 100_000],
      ["max", "max"],
    ] as const) {
      assert.equal(parseRate(received, "--rate"), rate);
    }
  });

  for (const received of [...NO_COUNTS, "100001", "MAX", 0, -1, 1.5, 100_001]) {
    test(`${JSON.stringify(received)} is none (defect: a rate that was not meant, or that k6 does not take)`, () => {
      assertRefused(
        () => parseRate(received, "--rate"),
        `--rate must be a whole number of requests per second from 1 to 100000, or max; received ${JSON.stringify(received)}.`,
      );
    });
  }
});

describe("a number of runs", () => {
  test("whole numbers from 1 to 1000 (defect: one run, or the most of them, refused)", () => {
    assert.deepEqual(
      ["1", "10", "1000"].map((received) => parseRepeat(received, "--repeat")),
      [1, 10, 1000],
    );
  });

  for (const received of [...NO_COUNTS, "1001", "9".repeat(400)]) {
    test(`${JSON.stringify(received).slice(0, 20)} is none (defect: no run, or runs for weeks)`, () => {
      assertRefused(
        () => parseRepeat(received, "--repeat"),
        `--repeat must be a whole number of runs from 1 to 1000; received ${JSON.stringify(received)}.`,
      );
    });
  }
});

describe("a number of k6 pods", () => {
  test("whole numbers from 1 to 32, with and without quotes (defect: the bounds themselves refused)", () => {
    assert.deepEqual(
      ["1", 1, "12", 12, "32", 32].map((received) => parseParallelism(received, "--parallelism")),
      [1, 1, 12, 12, 32, 32],
    );
  });

  for (const received of [...NO_COUNTS, "33", 0, -1, 1.5, 33]) {
    test(`${JSON.stringify(received)} is none (defect: pods that cannot be, or more than the runner can read from)`, () => {
      assertRefused(
        () => parseParallelism(received, "--parallelism"),
        `--parallelism must be a whole number of k6 pods from 1 to 32; received ${JSON.stringify(received)}.`,
      );
    });
  }
});

describe("kinds of clients", () => {
  test("in the order they are named, with spaces or without (defect: a space after a comma is part of the name)", () => {
    assert.deepEqual(parseClients("long,steady", "--clients"), ["long", "steady"]);
    assert.deepEqual(parseClients(" burst , large", "--clients"), ["burst", "large"]);
  });

  test("an unknown one is refused with those that there are", () => {
    assertRefused(
      () => parseClients("steady,lnog", "--clients"),
      '--clients must be kinds of clients (steady, fresh, session, burst, large, stream, long) with commas between them; received "lnog", nearest is long.',
    );
  });

  test("one that is named twice is refused by its name (defect: the same scenario twice in one k6 script)", () => {
    assertRefused(
      () => parseClients("fresh,long,steady,long", "--clients"),
      '--clients must name each kind of client once; received "long" twice.',
    );
  });
});
