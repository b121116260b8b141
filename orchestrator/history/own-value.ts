/** The value of a record by a name that may be anybody's, such as `constructor`: undefined where the record has none of its own. */
export function ownValue<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
