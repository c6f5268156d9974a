/** One JSON document, big integers as decimal strings; on one line where `indent` is 0. */
export function toJson(data: unknown, indent = 2): string {
  return JSON.stringify(data, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value), indent);
}
