import { readEvent, type EventView } from "../../history/event.ts";
import type { Observation } from "../../history/observation.ts";
import { number } from "../../history/words.ts";
import type { FlagList, Told } from "./flag-list.ts";

/** A Kubernetes Event that exists. */
interface Known {
  /** Its count when the record began. */
  readonly before: number;
  /** Null while it was only seen before. */
  flag: Told | null;
}

/**
 * Makes a flag of each Kubernetes Event, at the time at which the record first tells of it. One that is repeated is the same object with a
 * higher count: its flag says how often it came within the record. What was listed when the record began had happened before.
 */
export class EventFlags {
  readonly #known = new Map<string, Known>();
  #synced = false;

  constructor(private readonly flags: FlagList) {}

  observe(line: Observation): void {
    if (line.type === "synced" && line.kind === "Event") this.#synced = true;
    if (line.type !== "object" || line.kind !== "Event") return;
    if (line.event === "deleted") {
      this.#known.delete(line.uid);
      return;
    }
    const event = readEvent(line.object);
    if (!event.ok) return;
    const old = line.event === "listed" && !this.#synced;
    const known = this.#known.get(line.uid) ?? { before: old ? event.view.count : 0, flag: null };
    this.#known.set(line.uid, known);
    const times = event.view.count - known.before;
    if (times <= 0) return;
    if (known.flag === null) this.flags.add((known.flag = flagOf(line.wallMs, event.view)));
    known.flag.detail = detailOf(event.view, times);
  }
}

function flagOf(atMs: number, { type, reason, kind, name, container }: EventView): Told {
  const severity = type === "Warning" ? "warning" : "normal";
  const object = `${kind} ${name}${container === "" ? "" : ` (${container})`}`;
  return { atMs, source: "event", severity, title: `${reason}: ${object}`, detail: "" };
}

/** How often goes first: a long message is cut. */
function detailOf({ message }: EventView, times: number): string {
  return times > 1 ? `${number(times)} times: ${message}` : message;
}
