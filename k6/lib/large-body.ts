/** A large body that is sent, and its checksum (SHA-256, hexadecimal). */
export interface LargeBody {
  readonly text: string;
  readonly sha256: string;
}

/** Text of so many bytes, the same every time, of which no two stretches of 64 bytes are alike. */
export function largeText(bytes: number): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes; at += LINE_BYTES) lines.push(`${String(at).padStart(LINE_BYTES - 1, ".")}\n`);
  return lines.join("").slice(0, bytes);
}

const LINE_BYTES = 64;

/**
 * What is wrong with the body of a large answer: it should say that what was sent arrived as it was, and hold a payload of as many bytes that
 * matches its own checksum. Empty for nothing.
 */
export function flawInLarge(body: string, sent: LargeBody, sha256: (text: string) => string): string {
  let answer: Readonly<Record<string, unknown>> | null;
  try {
    answer = JSON.parse(body) as typeof answer;
  } catch {
    // The ledger says so itself.
    return "";
  }
  const bytes = String(sent.text.length);
  if (answer?.["received"] !== sent.text.length)
    return `of ${bytes} bytes sent, ${JSON.stringify(answer?.["received"] ?? null)} were received`;
  if (answer["received_sha256"] !== sent.sha256)
    return "what was received does not match the checksum of what was sent";
  const payload = answer["payload"];
  if (typeof payload !== "string" || payload.length !== sent.text.length)
    return `the payload has ${typeof payload === "string" ? String(payload.length) : "none"} of ${bytes} bytes`;
  if (answer["payload_sha256"] !== sha256(payload)) return "the payload does not match its checksum";
  return "";
}
