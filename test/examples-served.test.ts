import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import type { Telling } from "../orchestrator/plan/service.ts";
import {
  EXAMPLES,
  readExample,
  serveConfigSchema,
  valueAt,
  type ExampleName,
  type ExampleRequest,
  type Spec,
} from "./testing/example.ts";
import { CLUSTER, NO_SERVE, pythonOf, served } from "./testing/example-server.ts";

const NO_PYTHON = spawnSync("python3", ["--version"]).status === 0 ? false : "there is no python3";

/** Python that prints what a release makes of something on which the two differ: were they the same, nobody would see that the upgrade has come. */
const LOGIC: Readonly<Record<ExampleName, (user: unknown, other: unknown) => string>> = {
  "http-model": (user) =>
    `from model import classify; r = ${literal(user)}; print(classify("You are a winner", r["weights"], r["threshold"])["label"])`,
  chat: (user) =>
    `from generator import tokens_of; r = ${literal(user)}; print(len(tokens_of("What is Ray Serve?", r["words"], 99)), "still" in "".join(tokens_of("What is Ray Serve?", r["words"], 99)))`,
  "two-applications": (user, other) =>
    `from rules import label_of, summary_of; r = ${literal(user)}; s = ${literal(other)}; print(label_of("It was lost.", r["complaints"]), summary_of("a b c d e f g h i", s["words"]))`,
};
const LOGIC_SAYS: Readonly<Record<ExampleName, readonly [string, string]>> = {
  "http-model": ["spam", "ham"],
  chat: ["40 False", "40 True"],
  "two-applications": ["note a b c d e f ...", "complaint a b c d e f g h ..."],
};
for (const name of EXAMPLES) {
  test(
    `${name}: the releases differ in what they answer (defect: an upgrade that changes a label only)`,
    { skip: NO_PYTHON },
    async () => {
      const example = await readExample(name);
      const says = async ({ serveConfigV2 }: Spec): Promise<string> => {
        const { applications } = serveConfigSchema.parse(parse(serveConfigV2));
        const [first, second] = applications.map(({ deployments }) => deployments[0].user_config);
        return (await pythonOf(example, LOGIC[name](first, second))).trim();
      };
      assert.deepEqual([await says(example.before), await says(example.after)], LOGIC_SAYS[name]);
    },
  );
}

/** A JSON value as Python has it. */
function literal(value: unknown): string {
  return `__import__("json").loads(${JSON.stringify(JSON.stringify(value ?? null))})`;
}

/** What an answer, or an event of one, says at a place; undefined where it does not. */
function toldBy(telling: Telling, headers: Headers, body: string): unknown {
  if ("header" in telling) return headers.get(telling.header) ?? undefined;
  if ("json" in telling) return valueAt(JSON.parse(body), telling.json);
  const [, multiline, source = ""] = /^(\(\?m\))?(.*)$/.exec(telling.pattern) ?? [];
  return new RegExp(source, multiline === undefined ? "" : "m").exec(body)?.[1];
}

async function ask(url: string, { path = "/", headers, json, body }: ExampleRequest): Promise<Response> {
  const type = json === undefined ? {} : { "Content-Type": "application/json" };
  return fetch(url + path, {
    method: "POST",
    headers: { ...type, ...headers },
    body: json === undefined ? (body ?? null) : JSON.stringify(json),
  });
}

for (const name of EXAMPLES) {
  for (const when of ["before", "after"] as const) {
    test(
      `${name}: what is expected of answers holds for the release ${when} (defect: a load that fails without a fault)`,
      { skip: NO_SERVE },
      async () => {
        const example = await readExample(name);
        const { response: tells, versions, requests } = example.service;
        await using server = await served(example, example[when]);
        for (const request of requests.filter(({ script }) => script === undefined)) {
          const { expect } = request;
          const begun = performance.now();
          const answer = await ask(server.url, request);
          const body = await answer.text();
          assert.equal(answer.status, expect.status ?? 200, body);
          if (request.stream !== undefined) {
            assertStream(body, {
              seconds: (performance.now() - begun) / 1000,
              holds: request.holds,
              version: versions[when],
              tells: tells.version,
            });
            continue;
          }
          assert.equal(toldBy(tells.version, answer.headers, body), versions[when], request.name);
          if (tells.cluster !== undefined) assert.equal(toldBy(tells.cluster, answer.headers, body), CLUSTER);
          if (expect.contains !== undefined) assert.ok(body.includes(expect.contains), body);
          for (const [path, value] of Object.entries(expect.json ?? {}))
            assert.deepEqual(valueAt(JSON.parse(body), path), value, `${path} of ${body}`);
        }
      },
    );
  }
}

const eventSchema = z.looseObject({
  object: z.literal("chat.completion.chunk"),
  choices: z.tuple([
    z.looseObject({ delta: z.looseObject({ content: z.string().optional() }), finish_reason: z.string().nullable() }),
  ]),
});

function assertStream(
  body: string,
  asked: { readonly seconds: number; readonly holds: number; readonly version: string; readonly tells: Telling },
): void {
  const events = body.split("\n\n").filter(Boolean);
  assert.ok(
    events.every((event) => event.startsWith("data: ")),
    body,
  );
  const data = events.map((event) => event.slice("data: ".length));
  assert.equal(data.pop(), "[DONE]");
  for (const event of data) assert.equal(toldBy(asked.tells, new Headers(), event), asked.version);
  const choices = data.map((event) => eventSchema.parse(JSON.parse(event)).choices[0]);
  assert.ok(choices.at(-1)?.finish_reason, "the last event says why it ends");
  const tokens = choices.filter(({ delta }) => delta.content !== undefined && delta.content !== "");
  assert.equal(tokens.length, 30);
  // Streamed at the pace of its release, which is not slower than what zerodrop.yaml says that it holds.
  assert.ok(asked.seconds > 0.75 * asked.holds, `30 tokens took ${asked.seconds} s`);
}
