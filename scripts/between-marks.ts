/**
 * The page with this text between `<!-- NAME: begin -->` and `<!-- NAME: end -->`; what stands outside of them stays. Throws an Error that names
 * the page's file when it does not have both marks, once each and in order.
 */
export function betweenMarks(page: string, { file, name }: { file: string; name: string }, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [head, inside, ...more] = page.split(begin);
  const [, tail, ...others] = (inside ?? "").split(end);
  if (head === undefined || tail === undefined || more.length > 0 || others.length > 0) {
    throw new Error(`${file} must have "${begin}" and, after it, "${end}" once each.`);
  }
  return `${head}${begin}\n\n${text}\n\n${end}${tail}`;
}
