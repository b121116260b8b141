import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { runResultSchema } from "../../orchestrator/judge/run-result.ts";
import { EXAMPLES, loadArgumentsIn, readExample } from "../testing/example.ts";
import { temporaryFolder, zerodrop } from "./commands.ts";
import { assertUnnoticed } from "./unnoticed.ts";

/** A first build of the cluster may be part of the first one. */
const RUN = { timeout: 40 * 60_000 };

/** What this test asks of a kind's ledger rows: who answered how many, and the time to the first token. */
const rowSchema = z.looseObject({
  type: z.string(),
  client: z.string().optional(),
  cluster: z.string().optional(),
  version: z.string().optional(),
  count: z.number().optional(),
});
type Row = z.infer<typeof rowSchema>;

async function rowsOf(ledger: string): Promise<Row[]> {
  const lines = (await readFile(ledger, "utf8")).split("\n").filter(Boolean);
  // The first line is the file's header.
  return lines.slice(1).map((line) => rowSchema.parse(JSON.parse(line)));
}

/** The time to the first token of each kind of client, where it has one. */
const firstTokensSchema = z.looseObject({
  load: z.looseObject({
    clients: z.record(z.string(), z.looseObject({ firstToken: z.record(z.string(), z.unknown()).optional() })),
  }),
});

for (const name of EXAMPLES) {
  test(
    `${name}: the command of its README upgrades it under load, and no client notices (defect: an example that does not pass)`,
    RUN,
    async () => {
      const { readme, service } = await readExample(name);
      await using folder = await temporaryFolder();
      const out = join(folder.path, "recording");
      const { code, stderr } = await zerodrop("load", ...loadArgumentsIn(readme), "--out", out).ended;
      const text = await readFile(join(out, "run.json"), "utf8").catch(() => assert.fail(stderr));
      const result = runResultSchema.parse(JSON.parse(text));
      assertUnnoticed(result, code);
      const idle = result.checks.filter(({ verdict, required }) => verdict === "not-applicable" && required);
      assert.deepEqual(idle, [], "every required check had something to judge");

      const { before, after } = service.versions;
      assert.deepEqual(Object.keys(result.load.perVersion).sort(), [before, after].sort());
      const rows = await rowsOf(join(out, "ledger.ndjson"));
      for (const { name: kind, rate } of service.requests) {
        const answered = rows.filter(({ type, client }) => type === "answered" && client === kind);
        const by = (version: string): number =>
          answered.filter((row) => row.version === version).reduce((sum, { count = 0 }) => sum + count, 0);
        for (const version of [before, after]) assert.ok(by(version) > 0, `${kind}: ${version} answered nothing`);
        // Two thirds of the least time that there is load for: warm-up, upgrade and grace together take longer than half a minute.
        assert.ok(
          by(before) + by(after) > rate * 20,
          `${kind}: ${by(before) + by(after)} answers at ${rate} requests/s`,
        );
      }
      const clusters = new Set(rows.filter(({ type }) => type === "answered").map(({ cluster }) => cluster));
      assert.equal(clusters.size, service.response.cluster === undefined ? 1 : 2, "RayClusters that answers told");

      const streamed = service.requests.filter(({ stream }) => stream !== undefined).map(({ name: kind }) => kind);
      const firstTokens = rows.filter(({ type }) => type === "first-token");
      assert.deepEqual([...new Set(firstTokens.map(({ client }) => client))], streamed);
      const { clients } = firstTokensSchema.parse(JSON.parse(text)).load;
      const timed = Object.keys(clients).filter((kind) => clients[kind]?.firstToken !== undefined);
      assert.deepEqual(timed, streamed, "kinds whose time to the first token is in run.json");
    },
  );
}
