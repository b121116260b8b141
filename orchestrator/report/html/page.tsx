import type { JSX } from "preact";
import { renderToStaticMarkup } from "preact-render-to-string";
import { oneLine } from "../plain-text.ts";
import { SYMBOLS } from "../symbols.ts";
import { ChecksSection, WhySection } from "./checks-section.tsx";
import { FailuresSection } from "./failures-section.tsx";
import { LoadSection } from "./load-section.tsx";
import { embeddedJson } from "./embedded-json.ts";
import { DATA_ID, type PageData } from "./page-data.ts";
import type { PageInput } from "./report-input.ts";
import { RunSection } from "./run-section.tsx";
import { TimelineSection } from "./timeline-section.tsx";
import { VerdictHeader } from "./verdict-header.tsx";

/** report.html's name in a run's folder. */
export const REPORT_HTML = "report.html";

/**
 * One HTML page that holds everything it needs: it asks no network for anything, and its content security policy forbids it to. Every text
 * from the recording is escaped, and no script runs but the page's own, by its hash. Pure: equal inputs give equal bytes.
 */
export function reportPage(input: PageInput): string {
  return `<!doctype html>\n${renderToStaticMarkup(<Page {...input} />)}\n`;
}

function Page({ result, plan, course, assets, files, recording, started = "checkout" }: PageInput): JSX.Element {
  const { verdict, runId } = result;
  const policy = [
    "default-src 'none'",
    `script-src '${assets.scriptHash}'`,
    `style-src '${assets.styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const data: PageData = {
    course,
    versionBefore: plan.application.versionBefore,
    versionAfter: plan.application.versionAfter,
    plannedRate: plan.load.rate,
  };
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${SYMBOLS[verdict]} ${verdict}: ${oneLine(runId)}`}</title>
        <style dangerouslySetInnerHTML={{ __html: assets.style }} />
      </head>
      <body>
        <a class="skip" href="#checks">
          To the checks
        </a>
        <VerdictHeader result={result} />
        <main>
          <WhySection result={result} course={course} />
          <FailuresSection course={course} />
          <TimelineSection course={course} />
          <ChecksSection result={result} course={course} />
          <LoadSection result={result} />
          <RunSection result={result} plan={plan} recording={recording} files={files} started={started} />
        </main>
        <script id={DATA_ID} type="application/json" dangerouslySetInnerHTML={{ __html: embeddedJson(data) }} />
        <script dangerouslySetInnerHTML={{ __html: assets.script }} />
      </body>
    </html>
  );
}
