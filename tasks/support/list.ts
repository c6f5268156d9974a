/** The most rows that a list shows. */
const LIMIT = 200n;

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
