/** For tests only: courses of recordings at hand. */
import assert from "node:assert/strict";
import type { Story } from "../../../checks/testing.ts";
import { createCourse } from "../course-fold.ts";
import type { Column, Course } from "../course.ts";

/** The course of a story, which JSON keeps as it is. */
export function courseOf({ plan, observations, ledger }: Pick<Story, "plan" | "observations" | "ledger">): Course {
  const fold = createCourse(plan);
  for (const line of observations) fold.observe(line);
  for (const line of ledger) fold.ledger(line);
  const course = fold.finish();
  assert.deepEqual(JSON.parse(JSON.stringify(course)), course);
  return course;
}

export function sumOf(column: Column): number {
  return column.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** Of all versions together. */
export function answeredIn({ load }: Pick<Course, "load">): number {
  return Object.values(load.answered).reduce((sum, column) => sum + sumOf(column), 0);
}
