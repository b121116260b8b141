import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { UsageError } from "../plan/errors.ts";
import { bundleOwn, bundleScript } from "./bundle.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zerodrop-script-"));
});
after(() => rm(folder, { recursive: true }));

/** Writes files into a folder of their own, the scenario among them, and returns its path. */
async function written(scenario: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const own = await mkdtemp(join(folder, "own-"));
  for (const [name, text] of Object.entries({ ...files, "journey.ts": scenario })) {
    await mkdir(dirname(join(own, name)), { recursive: true });
    await writeFile(join(own, name), text);
  }
  return join(own, "journey.ts");
}

const CLIENT = 'import { LoadClient } from "zerodrop/k6";\nconst client = new LoadClient("journey");\n';
const RUNS = `${CLIENT}export default function (): void { client.post("/"); }\n`;

describe("a k6 scenario of the user's", () => {
  // Would catch: a script that only runs where its files are; TypeScript that k6 would have to take away; text that names a folder of this machine.
  it("is one text with the files and packages that it imports", async () => {
    const path = await written(
      `${CLIENT}import { sleep } from "k6";
import type { Outcome } from "zerodrop/k6";
import texts from "./texts.json";
import prompt from "./prompt.txt";
import { pick } from "picker";
import { pause } from "./lib/pause.ts";
export default function (): void {
  const outcome: Outcome = client.post("/", pick(texts) + prompt);
  if (outcome === "failed") sleep(pause);
}
`,
      {
        "texts.json": '["hello"]',
        "prompt.txt": "Say it again.",
        "lib/pause.ts": "export const pause: number = 2.5;\n",
        "node_modules/picker/package.json": '{"name":"picker","main":"main.js"}',
        "node_modules/picker/main.js": "exports.pick = (texts) => texts[0];\n",
        // What a user's own says of TypeScript does not change the bundle.
        "tsconfig.json": '{"compilerOptions":{"target":"es5","alwaysStrict":false}}',
      },
    );
    const text = await bundleScript(path);
    assert.match(text, /hello[^]*Say it again\.[^]*2\.5/);
    assert.match(text, /exports\.pick =/);
    const imports = [...text.matchAll(/^import .* from "(.*)";$/gm)].map(([, name]) => name);
    assert.deepEqual(imports.sort(), ["k6", "zerodrop/k6"]);
    assert.ok(!text.includes(dirname(path)), "no folder of this machine");
    assert.equal(text, await bundleScript(path));
    const bundle = await bundleOwn([{ name: "journey", script: text }]);
    assert.doesNotMatch(bundle, /zerodrop\/k6"/);
  });

  const bad: readonly [what: string, scenario: string, sentence: RegExp][] = [
    ["is no TypeScript", `${RUNS}\nconst = 3;\n`, /used: journey\.ts, line 5: Expected identifier but found "="\.$/],
    [
      "imports a file that is not there",
      `import "./pause.ts";\n${RUNS}`,
      /used: journey\.ts, line 1: Could not resolve "\.\/pause\.ts"\.$/,
    ],
    ["imports a package that is not there", `import "uuid";\n${RUNS}`, /line 1: Could not resolve "uuid"\.$/],
    [
      "imports Node",
      `${CLIENT}import fs from "node:fs";\n${RUNS}`,
      /line 3: it imports node:fs, which is Node's, and k6 has no Node\.$/,
    ],
    ["imports Node by its older name", `import fs from "fs";\n${RUNS}`, /line 1: it imports fs, which is Node's/],
    [
      "imports what zerodrop keeps no account of",
      `import ws from "k6/ws";\n${RUNS}`,
      /line 1: it imports k6\/ws, expected zerodrop\/k6 or one of k6, k6\/crypto,/,
    ],
    [
      "imports the ledger itself",
      `import { Client } from "k6/x/ledger";\n${RUNS}`,
      /it imports k6\/x\/ledger, expected/,
    ],
    [
      "imports from the network",
      `import { uuidv4 } from "https://jslib.k6.io/k6-utils/1.4.0/index.js";\n${RUNS}`,
      /line 1: it imports https:\/\/jslib\S+, which would be another file at each run/,
    ],
    ["has nothing to run", CLIENT, /journey\.ts has no default export, which is the function that its clients run\.$/],
    [
      "has options",
      `${RUNS}export const options = { vus: 3 };\n`,
      /journey\.ts exports options, which would be ignored/,
    ],
    ["has a set-up", `${RUNS}export function setup(): void {}\n`, /journey\.ts exports setup, which would be ignored/],
    [
      "leaves no record",
      'import http from "k6/http";\nexport default function (): void { http.get("http://a"); }\n',
      /journey\.ts does not use zerodrop\/k6, so that none of its requests would be on record/,
    ],
    [
      "is larger than a ConfigMap takes",
      `${RUNS}export const text = "${"x".repeat(512 * 1024)}";\n`,
      /journey\.ts has 52\d{4} bytes with everything it imports; expected at most 524288\.$/,
    ],
  ];
  for (const [what, scenario, sentence] of bad) {
    // Would catch: a run that makes a cluster ready, and then a k6 that ends before its first request.
    it(`is refused by one sentence when it ${what}`, async () => {
      const path = await written(scenario);
      await assert.rejects(bundleScript(path), (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, /^The k6 scenario \//);
        assert.match(error.message, sentence);
        return true;
      });
    });
  }

  // Would catch: an error told of the scenario that is in a file which it imports; a crash for want of a file.
  it("is refused by the file that is at fault, or when it is not there itself", async () => {
    const path = await written(`import "./lib/a.ts";\n${RUNS}`, { "lib/a.ts": '\nimport "node:net";\n' });
    await assert.rejects(bundleScript(path), /used: lib\/a\.ts, line 2: it imports node:net,/);
    await assert.rejects(bundleScript(`${path}x`), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /journey\.tsx cannot be used: /);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });
});
