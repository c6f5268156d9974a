/** The most rows that a list shows. */
const LIMIT = 200n;

/** What a list says where there are more than it looked at, for people and as a document; nothing where there are not. */
export function latestOnly(count: bigint): {
  readonly data: { readonly latestOnly?: bigint };
  readonly rows: readonly (readonly [string, string])[];
} {
  if (count <= LIMIT) return { data: {}, rows: [] };
  const note = `only the latest ${LIMIT.toString()} of ${count.toString()} were looked at`;
  return { data: { latestOnly: LIMIT }, rows: [["Note", note]] };
}

/** The latest ids up to a count, newest last, read a few at a time so that no node is flooded. */
export async function readLatest<T>(count: bigint, read: (id: bigint) => Promise<T>): Promise<T[]> {
  const first = count > LIMIT ? count - LIMIT + 1n : 1n;
  const items: T[] = [];
  for (let id = first; id <= count; id += 10n) {
    const last = id + 9n > count ? count : id + 9n;
    const ids = Array.from({ length: Number(last - id + 1n) }, (_, i) => id + BigInt(i));
    items.push(...(await Promise.all(ids.map(read))));
  }
  return items;
}
