import { z } from "zod";

import { forms } from "../forms.ts";
import type { Blocks } from "./coverage.ts";

/** Keeps texts by name, of one chain and one deployment. What is lost is read again. */
export interface LogCache {
  read(name: string): Promise<string | undefined>;
  write(name: string, text: string): Promise<void>;
}

const kept = z.strictObject({
  version: z.literal(1),
  /** A final block, by whose hash a later run sees that it is on the same chain. All ranges end at it or below. */
  anchor: z.strictObject({ number: z.int(), hash: forms.bytes32 }),
  ranges: z.array(z.tuple([z.int(), z.int()])),
  logs: z.array(
    z.strictObject({
      blockNumber: z.int(),
      index: z.int(),
      transactionHash: forms.bytes32,
      topics: z.array(forms.bytes32),
      data: forms.bytes,
    }),
  ),
});

/** A log, as far as it matters where one contract's events are read. */
export interface PlainLog {
  readonly blockNumber: number;
  /** Its place among the block's logs. */
  readonly index: number;
  readonly transactionHash: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** A block and its hash. */
export interface Anchor {
  readonly number: number;
  readonly hash: string;
}

/** What a cache knows of one filter: all logs of some ranges of final blocks. */
export interface KnownLogs {
  readonly anchor: Anchor;
  readonly ranges: readonly Blocks[];
  readonly logs: readonly PlainLog[];
}

/** What a cache's text says; nothing where it is not such a text. */
export function parseKnown(text: string): KnownLogs | undefined {
  try {
    const result = kept.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** The text for a cache. */
export function formatKnown({ anchor, ranges, logs }: KnownLogs): string {
  const lines = logs.map(({ blockNumber, index, transactionHash, topics, data }) => {
    return { blockNumber, index, transactionHash, topics, data };
  });
  return JSON.stringify({ version: 1, anchor, ranges, logs: lines });
}
