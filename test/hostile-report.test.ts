import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { reportHtml, tellRecording } from "../orchestrator/cli/told-recording.ts";
import { keptRecordings, withUnpacked } from "../scripts/recordings.ts";
import { HOSTILE_RUNS, makeHostile } from "./report/hostile.ts";
import { assertWellFormed } from "./report/markup.ts";

/** It has failures with messages, seven kinds of clients, events, restarts, and checks that broke. */
const RECORDING = "operator-restart-fails";

/** What test/report/injection.test.ts looks at in a browser, without one. */
for (const [name, options] of HOSTILE_RUNS) {
  test(`report.html has no markup but its own, whatever a recording says, ${name} (defect: a text that is not escaped)`, async () => {
    const directory = (await keptRecordings()).find((each) => basename(each) === RECORDING) ?? assert.fail();
    const html = await withUnpacked(directory, async (unpacked) => {
      const changed = await makeHostile(unpacked, options);
      assert.ok(changed > 10_000, `${String(changed)} texts were changed`);
      return await reportHtml(await tellRecording(unpacked), { recording: options.text, folder: null });
    });
    assert.ok(html.split("window.hit=true").length > 500, "the page tells what it was told");
    assertWellFormed(html);
  });
}
