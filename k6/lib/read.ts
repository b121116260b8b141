/** A process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** A variable that has to be there. */
export function text(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

/** What a variable holds as JSON. `name` is for the error. */
export function parsed(name: string, json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new Error(`${name} is no JSON`);
  }
}

/** The fields of an object. `where` is for the error. */
export function fieldsOf(where: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${where} must be an object`);
  return value as Fields;
}

/** A text with something in it. `where` is for the error. */
export function filled(where: string, value: unknown): string {
  if (typeof value !== "string" || value === "") throw new Error(`${where} must be text, and not empty`);
  return value;
}

/** A truth value. `where` is for the error. */
export function truth(where: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new Error(`${where} must be true or false`);
  return value;
}
