import type { JSX } from "preact";
import type { Course } from "../course/course.ts";
import { atText } from "./at-text.ts";

/** A moment that can be gone to: the page's script moves the axis there. Without the script it still says when. */
export function Moment({
  atMs,
  untilMs,
  course,
  label = "",
}: {
  readonly atMs: number;
  readonly untilMs?: number;
  readonly course: Course;
  /** What is there, for those who hear the button without what stands around it. */
  readonly label?: string;
}): JSX.Element {
  const text = atText(atMs, course.zeroMs);
  const until = untilMs === undefined || untilMs <= atMs ? {} : { "data-until": String(Math.round(untilMs)) };
  return (
    <button
      type="button"
      class="moment"
      data-at={String(Math.round(atMs))}
      {...until}
      aria-label={`Show ${text}${label === "" ? "" : `, ${label}`}, on the time axis`}
    >
      {text}
    </button>
  );
}
