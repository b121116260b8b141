/** A line of a streamed answer, as far as it can be read. */
type Chunk = Readonly<Record<string, unknown>>;

/**
 * What is wrong with the body of a streamed answer, which should be `chunks` lines of JSON, numbered from 0, all by one RayCluster
 * and version. Empty for nothing.
 */
export function flawInStream(body: string, chunks: number): string {
  const lines = body.split("\n");
  // What follows the last line's end.
  if (lines.at(-1) === "") lines.pop();
  const read = lines.map(readChunk);
  const broken = read.indexOf(undefined);
  const whole = broken === -1 ? read.length : broken;
  if (whole < chunks) {
    return broken !== -1 && broken < read.length - 1
      ? `chunk ${String(broken)} of ${String(chunks)} is no JSON object`
      : `the stream was truncated after ${String(whole)} of ${String(chunks)} chunks`;
  }
  if (read.length > chunks) return `the stream had ${String(read.length)} chunks instead of ${String(chunks)}`;
  for (const [index, chunk] of read.entries()) {
    if (chunk?.["chunk"] !== index || chunk["chunks"] !== chunks)
      return `chunk ${String(index)} of ${String(chunks)} says that it is ${shown(chunk?.["chunk"])} of ${shown(chunk?.["chunks"])}`;
    if (sender(chunk) !== sender(read[0]))
      return `chunk ${String(index)} came from ${sender(chunk)}, those before from ${sender(read[0])}`;
  }
  return "";
}

function readChunk(line: string): Chunk | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Chunk) : undefined;
  } catch {
    return undefined;
  }
}

function sender(chunk: Chunk | undefined): string {
  return `${shown(chunk?.["version"])} on ${shown(chunk?.["cluster"])}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
