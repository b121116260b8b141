import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { readExample } from "./testing/example.ts";
import { NO_SERVE, served } from "./testing/example-server.ts";

/** Prints what a POST of plain text is answered with. Arguments: URL and body. */
const POST = `
const [url, body] = process.argv.slice(1);
fetch(url, { method: "POST", headers: { "Content-Type": "text/plain" }, body })
  .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
  .then((text) => process.stdout.write(text));
`;

test(
  "two-applications: journey.ts takes one answer into the next request, and finds wrong ones (defect: a scenario that fails, or passes, whatever it gets)",
  { skip: NO_SERVE },
  async () => {
    const example = await readExample("two-applications");
    const bundle = await build({
      entryPoints: [join(example.folder, "journey.ts")],
      ...{ bundle: true, write: false, format: "iife", globalName: "scenario", logLevel: "silent" },
      plugins: [
        {
          name: "client",
          setup(builder) {
            builder.onResolve({ filter: /^zerodrop\/k6$/ }, ({ path }) => ({ path, namespace: "client" }));
            builder.onLoad({ filter: /.*/, namespace: "client" }, () => ({
              contents: "export const LoadClient = Client;",
            }));
          },
        },
      ],
    });
    const source = bundle.outputFiles[0]?.text ?? "";
    /** One iteration, its requests sent for real; path and flaw of each. */
    const iteration = (
      url: string,
      altered: (body: string) => string = (body) => body,
    ): (readonly [string, string])[] => {
      const sent: (readonly [string, string])[] = [];
      class Client {
        request(method: string, path: string, body: string, { look }: { look: (answer: { body: string }) => string }) {
          assert.equal(method, "POST");
          // k6's requests wait for their answer, and so does this one.
          const text = execFileSync(process.execPath, ["--eval", POST, url + path, body], { encoding: "utf8" });
          const answer = { body: altered(text) };
          const flaw = look(answer);
          sent.push([path, flaw]);
          return { outcome: flaw === "" ? "answered" : "failed", answer };
        }
      }
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- k6 runs it as a script too.
      const run = new Function("Client", `${source}; return scenario.default;`) as (
        client: typeof Client,
      ) => () => void;
      run(Client)();
      return sent;
    };
    for (const when of ["before", "after"] as const) {
      await using server = await served(example, example[when]);
      const good = [
        ["/classify", ""],
        ["/summarize?label=complaint", ""],
      ];
      assert.deepEqual(iteration(server.url), good);
      const misled = iteration(server.url, (body) => body.replace("complaint", "note"));
      assert.deepEqual(misled, [["/classify", 'a complaint was classified as "note"']]);
      const [, second] = iteration(server.url, (body) => body.replace("My parcel", "Your parcel"));
      assert.deepEqual(second, ["/summarize?label=complaint", "the summary is of another letter"]);
    }
  },
);
