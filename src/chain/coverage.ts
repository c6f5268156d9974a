/** Blocks from the first to the last, both included. */
export type Blocks = readonly [first: number, last: number];

/** Ranges in ascending order, those that touch joined, cut off above a block. */
export function joined(ranges: readonly Blocks[], highest = Infinity): Blocks[] {
  const sorted = ranges
    .filter(([first]) => first <= highest)
    .map(([first, last]): Blocks => [first, Math.min(last, highest)])
    .sort(([a], [b]) => a - b);
  const result: Blocks[] = [];
  for (const [first, last] of sorted) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) {
      result[result.length - 1] = [before[0], Math.max(before[1], last)];
    } else {
      result.push([first, last]);
    }
  }
  return result;
}

/** What to look at next, from a block downwards: a whole range that is known already, or what is to be asked for above the next one. */
export function nextBelow(
  known: readonly Blocks[],
  top: number,
  bottom: number,
): { readonly range: Blocks; readonly isKnown: boolean } {
  const below = known.findLast(([first, last]) => first <= top && last >= bottom);
  if (below === undefined) return { range: [bottom, top], isKnown: false };
  const [first, last] = below;
  return last >= top
    ? { range: [Math.max(first, bottom), top], isKnown: true }
    : { range: [last + 1, top], isKnown: false };
}
