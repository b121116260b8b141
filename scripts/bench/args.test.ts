import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { parseBench, type BenchCommand } from "./args.ts";

function parsed(...argv: string[]): BenchCommand {
  const command = parseBench(argv);
  assert.ok(command.command === "bench");
  return command;
}

// Would catch: a bound that is not checked by default, or one that fails a run against a chain nobody asked it for.
test("defaults are those of the target", () => {
  const echo = parsed();
  assert.deepEqual([echo.target, echo.rounds, echo.seconds, echo.connections], [{ kind: "echo" }, 5, 8, 20]);
  assert.deepEqual([echo.only.length, echo.write, echo.checkCost], [8, false, true]);
  const chain = parsed("--target", "chain");
  assert.deepEqual([chain.rounds, chain.seconds, chain.checkCost], [3, 10, false]);
  assert.equal(parsed("--target", "chain", "--check-cost").checkCost, true);
  assert.deepEqual(
    [echo.turns, chain.turns, parsed("--only", "wrk").turns, parsed("--target", "chain", "--check-cost").turns],
    [8, 0, 0, 8],
  );
  assert.deepEqual(parsed("--target", "http://127.0.0.1:8000").target, { kind: "url", url: "http://127.0.0.1:8000/" });
});

// Would catch: a generator that runs twice, or in an order of the user's.
test("generators are picked by name, in the order of the rounds", () => {
  assert.deepEqual(parsed("--only", "locust,wrk,locust").only, ["wrk", "locust"]);
});

// Would catch: a typo that is measured as something else for seven minutes, and a partial table in the documentation.
test("what cannot be meant is refused in one sentence", () => {
  for (const [argv, says] of [
    [["--rouns", "3"], /Unknown flag "--rouns"; nearest is --rounds/],
    [["--rounds", "0"], /--rounds must be a whole number from 1 to 100; received "0"/],
    [["--seconds", "1e1"], /--seconds must be a whole number from 1 to 600; received "1e1"/],
    [["--only", "k6,k7"], /received "k7", nearest is k6/],
    [["--target", "https://example.org"], /--target must be echo, chain or an http URL/],
    [["--write", "--only", "wrk"], /--write needs every generator/],
    [["--write", "--target", "http://127.0.0.1/"], /--write needs .* received it with a URL/],
    [["--check-cost", "--only", "wrk,k6"], /--check-cost needs k6 and k6-ledger/],
    [["--check-cost", "--turns", "1"], /--check-cost needs at least 2 rounds of turns; received --turns 1/],
    [["--turns", "101"], /--turns must be a whole number from 0 to 100; received "101"/],
    [["3"], /bench takes flags only .*received "3"/],
  ] as const) {
    assert.throws(
      () => parseBench(argv),
      (error) => error instanceof UsageError && says.test(error.message) && !error.message.includes("\n"),
    );
  }
});
