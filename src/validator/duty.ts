import type { Logger } from "pino";

import type { Block } from "../chain/block.ts";
import { waitAfter } from "../service/backoff.ts";
import { Notice } from "../service/notice.ts";

/** One of the things that a validator does by itself. */
export interface Duty {
  readonly name: string;
  /** Looks once, and does what is to be done now. May fail: then it is run again later, and no other duty notices. */
  run(signal: AbortSignal): Promise<void>;
}

/** Duties that look at least each so many milliseconds are woken by blocks too. */
export const OFTEN = 5_000;

/** How duties are run. */
export interface DutyOptions {
  /** Milliseconds between two looks where no block comes. */
  readonly every: number;
  /** Told of a failure, and how many there were in a row. Must not throw. */
  readonly failed: (duty: string, error: unknown, failures: number) => void;
  /** Told after a look that succeeded. */
  readonly succeeded: (duty: string) => void;
  readonly log: Logger;
}

/** Runs one duty until the signal aborts: on each notice, and by the clock. Never fails, and never runs it twice at once. */
export async function runDuty(duty: Duty, notice: Notice, options: DutyOptions, signal: AbortSignal): Promise<void> {
  const { every, failed, succeeded } = options;
  let failures = 0;
  while (!signal.aborted) {
    let wait = every;
    try {
      await duty.run(signal);
      failures = 0;
      succeeded(duty.name);
    } catch (error) {
      failures += 1;
      failed(duty.name, error, failures);
      wait = Math.min(every, waitAfter(failures - 1));
    }
    await notice.wait(wait, signal);
  }
}

/** Gives a notice for each new block, until the signal aborts. */
export async function noticeBlocks(
  heads: AsyncIterable<Block>,
  notices: readonly Notice[],
  seen: (block: Block) => void,
): Promise<void> {
  for await (const block of heads) {
    seen(block);
    for (const notice of notices) notice.give();
  }
}
