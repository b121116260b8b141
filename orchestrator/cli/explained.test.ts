import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../kube/kube.ts";
import { SetUpError, UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { exitCodeOfError } from "./exit.ts";
import { explained } from "./explained.ts";
import { InterruptedError } from "./interrupt.ts";

const noSpace = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
const unreachable = new KubeError(0, "Unreachable", "GET https://198.19.255.2:6443/version: connect ECONNREFUSED");
const suppressed = (error: unknown): SuppressedError => new SuppressedError(new Error("while tidying up"), error);

test("a full disk is told with its place and the next command, and is no bug of ours (defect: exit code 70 and a stack)", () => {
  for (const error of [
    noSpace,
    suppressed(noSpace),
    Object.assign(new Error("EFBIG: file too large"), { code: "EFBIG" }),
  ]) {
    const told = explained(error, "results/x");
    assert.ok(told instanceof SetUpError);
    assert.equal(exitCodeOfError(told), 69);
    assertOneSentence(`${told.message}.`);
    assert.match(told.message, /results\/x could not be written \(E.*npm run analyze -- results\/x$/);
  }
});

test("an API server that does not answer is told as that, also where it cost the lease (defect: the URL of a request is all there is)", () => {
  for (const error of [unreachable, suppressed(unreachable)]) {
    const told = explained(error, "x");
    assert.ok(told instanceof SetUpError);
    assert.match(
      told.message,
      /^The cluster's API server does not answer \(.*ECONNREFUSED\); .*npm run cluster -- status$/,
    );
  }
  const lost = explained(suppressed(new SetUpError("The lease was lost: ECONNREFUSED", { cause: unreachable })), "x");
  assert.ok(lost instanceof SetUpError);
  assert.match(lost.message, /^The lease was lost: ECONNREFUSED; see what runs with: npm run cluster -- status$/);
});

test("any other error stays what it is", () => {
  const others = [
    new UsageError("x"),
    new SetUpError("x"),
    new SetUpError("x", { cause: new KubeError(403, "Forbidden", "quota") }),
    new KubeError(403, "Forbidden", "quota"),
    new InterruptedError("SIGINT"),
    new TypeError("x"),
    suppressed(new TypeError("x")),
    Object.assign(new Error("ENOENT"), { code: "ENOENT" }),
    "thrown text",
  ];
  for (const error of others) assert.equal(explained(error, "x"), error);
});
