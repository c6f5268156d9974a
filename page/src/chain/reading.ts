import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { useChain } from "./context.ts";
import type { ChainContext } from "./chainContext.ts";
import { head } from "./network.ts";

/** What is read of the chain: what is known so far, and what went wrong since. */
export interface Reading<T> {
  readonly data: T | undefined;
  /** Whether the data were read: nothing may be what was found. */
  readonly isRead: boolean;
  /** What the newest attempt failed with; `data` is then what was known before. */
  readonly error: unknown;
  /** Number of the newest block when the data were asked for. */
  readonly block: number | undefined;
  readonly retry: () => void;
}

interface Known {
  readonly value: unknown;
  readonly block: number | undefined;
}

/** What was read lately, so that going back shows it at once. Its most entries are few: a page shows about ten. */
const known = new Map<string, Known>();
const MOST = 200;

function keep(key: string, entry: Known): void {
  known.delete(key);
  known.set(key, entry);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
}

/** How often something was done here that may have changed what was read. */
const changes = signal(0);

/** Has all be read again that is shown: somebody has just changed something, and wants to see it. */
export function readAgain(): void {
  changes.value += 1;
}

/** What changes when something is to be read again: with each block, or after so many, and when something was done here. */
function useBeat(blocks: number): string {
  const number = head.value?.number ?? 0;
  return blocks === 0 ? "" : `${String(Math.floor(number / blocks))} ${String(changes.value)}`;
}

/**
 * Reads something of the chain, and again when blocks come.
 *
 * @param key Names what is read, on this network.
 * @param options.blocks It is read again after so many blocks: each by default, never with 0.
 */
export function useRead<T>(
  key: string,
  read: (chain: ChainContext) => Promise<T>,
  { blocks = 1 }: { readonly blocks?: number } = {},
): Reading<T> {
  const chain = useChain();
  const full = `${chain.config.name} ${key}`;
  const beat = useBeat(blocks);
  const [attempt, setAttempt] = useState(0);
  const [failure, setFailure] = useState<{ readonly key: string; readonly error: unknown }>();
  const [, setDone] = useState(0);
  useEffect(() => {
    let isWanted = true;
    const block = head.value?.number;
    read(chain).then(
      (value) => {
        keep(full, { value, block });
        if (!isWanted) return;
        setFailure(undefined);
        setDone((count) => count + 1);
      },
      (error: unknown) => {
        if (isWanted) setFailure({ key: full, error });
      },
    );
    return () => {
      isWanted = false;
    };
  }, [full, beat, attempt]);
  const entry = known.get(full);
  return {
    data: entry?.value as T | undefined,
    isRead: entry !== undefined,
    block: entry?.block,
    error: failure?.key === full ? failure.error : undefined,
    retry: () => {
      setAttempt(attempt + 1);
    },
  };
}
