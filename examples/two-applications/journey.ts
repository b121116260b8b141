/**
 * Somebody who has a letter classified, and has it summarized as what it was found to be. An answer of one application that is wrong, or
 * missing, is found out by what the other one makes of it.
 */
import { LoadClient } from "zerodrop/k6";

const LETTER = "My parcel came two days late and the box was broken.";

// Outside of functions, once for each VU; by the name that zerodrop.yaml gives it.
const client = new LoadClient("journey", { headers: { "Content-Type": "text/plain" } });

const labelIn = (body: string): string => /^label (\w+)$/m.exec(body)?.[1] ?? "";

export default function journey(): void {
  const classified = client.request("POST", "/classify", LETTER, {
    look: ({ body }) => (labelIn(body) === "complaint" ? "" : `a complaint was classified as "${labelIn(body)}"`),
  });
  // It is on record as what it came to, and there is nothing to go on with.
  if (classified.outcome !== "answered") return;
  const label = labelIn(classified.answer.body);
  client.request("POST", `/summarize?label=${label}`, LETTER, {
    look: ({ body }) => (body.startsWith(`summary [${label}] My parcel`) ? "" : "the summary is of another letter"),
  });
}
