import { setTimeout as sleep } from "node:timers/promises";

import type { Block } from "../block.ts";

/** Milliseconds for which others are waited for once somebody has answered. */
const GRACE = 500;

/** What somebody gave as the newest block. */
export interface Given<T> {
  readonly from: T;
  readonly block: Block;
}

/** What was found among those that were asked. */
export interface Newest<T> {
  readonly block: Block;
  /** Those that are so far behind it that they do not serve at present. */
  readonly behind: readonly Given<T>[];
}

/** Blocks by which whoever serves may be behind another one. */
const LAG = 3;

/**
 * The newest block of some that were given: of three and more the second highest, since one alone may make a block up; else the highest, since one
 * may have stopped following the chain. Who is behind is only said where two others show it.
 *
 * @returns Undefined where none was given.
 */
export function newestOf<T>(given: readonly Given<T>[]): Newest<T> | undefined {
  const [first, second, third] = [...given].sort((a, b) => b.block.number - a.block.number);
  const chosen = third === undefined ? first : second;
  if (chosen === undefined) return undefined;
  const { block } = chosen;
  const behind = third === undefined ? [] : given.filter((each) => block.number - each.block.number > LAG);
  return { block, behind };
}

/**
 * Asks everybody at once for the newest block, and waits for those that are slower than the first only for a moment.
 *
 * @param failed Told of whoever fails, also later. Must not throw.
 * @returns Undefined where nobody answers.
 */
export async function askForNewest<T>(
  everybody: readonly T[],
  ask: (one: T) => Promise<Block>,
  failed: (one: T, error: unknown) => void,
): Promise<Newest<T> | undefined> {
  const given: Given<T>[] = [];
  const answered = Promise.withResolvers<undefined>();
  // eslint-disable-next-line local/kept-promises -- none of them is ever rejected
  const asked = everybody.map(async (from) => {
    try {
      given.push({ from, block: await ask(from) });
      answered.resolve(undefined);
    } catch (error) {
      failed(from, error);
    }
  });
  // eslint-disable-next-line local/kept-promises -- never rejected; whoever is slow is not waited for
  const all = Promise.all(asked);
  await Promise.race([all, answered.promise]);
  const enough = new AbortController();
  await Promise.race([all, sleep(GRACE, undefined, { signal: enough.signal }).catch(() => undefined)]);
  enough.abort();
  return newestOf(given);
}
