import type { JSX } from "preact";
import { counted, duration, number } from "../../history/words.ts";
import type { Course } from "../course/course.ts";
import { oneLine, shortened } from "../plain-text.ts";
import { failureGroups, type FailureGroup } from "./failure-groups.ts";
import { Moment } from "./moment.tsx";

/** Groups that are told one by one. */
const MOST_GROUPS = 50;
const LONGEST_MESSAGE = 600;

/** What failed, grouped by how; nothing at all when nothing did. */
export function FailuresSection({ course }: { readonly course: Course }): JSX.Element | null {
  const groups = failureGroups(course.failures);
  if (groups.length === 0) return null;
  const { failed, hanging } = course.failures;
  const left = groups.slice(MOST_GROUPS).reduce((sum, { count }) => sum + count, 0);
  return (
    <section id="failed" aria-labelledby="failed-title">
      <h2 id="failed-title">What failed</h2>
      <p>{`${counted(failed, "request")} failed and ${number(hanging)} hung past their deadline.`}</p>
      <ul class="failures">
        {groups.slice(0, MOST_GROUPS).map((group, index) => (
          <li key={index}>
            <Group group={group} course={course} />
          </li>
        ))}
      </ul>
      {left > 0 ? <p>{`… and ${number(left)} more in other ways.`}</p> : null}
    </section>
  );
}

function Group({ group, course }: { readonly group: FailureGroup; readonly course: Course }): JSX.Element {
  const { what, count, firstMs, lastMs, clients, connections, clusters, longestMs } = group;
  return (
    <>
      <strong>{number(count)}</strong> <bdi>{shortened(oneLine(what), LONGEST_MESSAGE)}</bdi>
      <p>
        <Moment atMs={firstMs} untilMs={lastMs} course={course} label="the first of them" />
        {count === 1 ? "" : " to "}
        {count === 1 ? null : <Moment atMs={lastMs} course={course} label="the last of them" />}
        {`, took up to ${duration(longestMs)}; clients: ${counts(clients)}; connections: ${counts(connections)}; RayCluster: ${counts(clusters)}`}
      </p>
    </>
  );
}

function counts(list: readonly (readonly [string, number])[]): string {
  return list.map(([name, count]) => `${oneLine(name)} ${number(count)}`).join(", ");
}
