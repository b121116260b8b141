/** Moments for runs in a row: now, but never within the second of the one before, for a run's id, and its folder, has no more than seconds. */
export function momentsAfter(now: () => number): () => Date {
  let last = -Infinity;
  return () => {
    last = Math.max(now(), last + 1000);
    return new Date(last);
  };
}
