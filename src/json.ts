/** One JSON document, big integers as decimal strings; on one line where `indent` is 0. */
export function toJson(data: unknown, indent = 2): string {
  return JSON.stringify(data, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value), indent);
}

/** A value as its JSON has it: big integers are decimal strings. */
export function plainJson(value: unknown): unknown {
  return JSON.parse(toJson(value, 0));
}

/** What a text says in JSON; undefined where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
