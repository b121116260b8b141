const DEFAULT = " Default: ";

/** What a JSON Schema says of a key besides what it may be. */
interface Described extends Record<string, unknown> {
  readonly description: string;
  readonly default?: string | number;
}

/**
 * The words of a configuration key. A default that is the same for everybody is a `value`, which editors fill in; one that depends on
 * something is told in `words`. Both end the description.
 */
export function described(
  meaning: string,
  default_: { readonly value: string | number } | { readonly words: string },
): Described {
  const description = (words: string): string => `${meaning}${DEFAULT}${words}.`;
  if ("words" in default_) return { description: description(default_.words) };
  return { description: description(String(default_.value)), default: default_.value };
}

/** What `described` made a description of. */
export function meaningOf(description: string): { readonly meaning: string; readonly default: string } {
  const at = description.lastIndexOf(DEFAULT);
  if (at === -1) return { meaning: description, default: "" };
  return { meaning: description.slice(0, at), default: description.slice(at + DEFAULT.length).replace(/\.$/, "") };
}
