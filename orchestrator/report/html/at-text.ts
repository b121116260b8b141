import type { Course } from "../course/course.ts";

const ZERO_WORDS: Readonly<Record<Course["zero"], string>> = {
  trigger: "the trigger",
  "first-fault": "the first fault",
  watching: "when watching began",
  "load-start": "the load's start",
  "record-start": "the record's start",
};

/** What times are counted from, in words. */
export function zeroWords(zero: Course["zero"]): string {
  return ZERO_WORDS[zero];
}

/** A moment by the page's axis, e.g. `+47.4 s`, `−12.0 s` or `+2:05.3`. */
export function atText(atMs: number, zeroMs: number): string {
  const since = atMs - zeroMs;
  // Whole tenths first, so that 59.96 s does not become 60.0 s.
  const tenths = Math.round(Math.abs(since) / 100);
  const sign = since < 0 && tenths > 0 ? "−" : "+";
  const [minutes, rest] = [Math.floor(tenths / 600), tenths % 600];
  const seconds = (rest / 10).toFixed(1);
  return minutes === 0 ? `${sign}${seconds} s` : `${sign}${minutes}:${seconds.padStart(4, "0")}`;
}
