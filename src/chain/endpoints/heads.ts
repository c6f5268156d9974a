import { once } from "node:events";

import type { Block } from "../block.ts";
import { Notice } from "../../service/notice.ts";

/** Milliseconds between two questions for the newest block where nobody announces one. */
export const POLL = 2_000;
/** Milliseconds after which a newest block is told that is lower than the last: until then the endpoint may just be behind. */
const SETBACK = 6_000;

/** Milliseconds after which an announcement leads to a further question at the earliest, however many there are. */
const LEAST = 100;

/** What announces that there is a new block. */
export interface HeadSource {
  /**
   * @param announced Called at each announcement; whether it is true is for the listener to find out.
   * @returns What ends it.
   */
  announceHeads(announced: () => void): () => void;
}

/** How heads are followed. */
export interface HeadsOptions {
  /** Asks for the newest block that can be believed; may fail. */
  readonly ask: () => Promise<Block>;
  readonly sources: readonly HeadSource[];
  /** Milliseconds between two questions. */
  readonly poll: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Which of the newest blocks that an endpoint gives are news. */
class News {
  readonly #now: () => number;
  #last: Block | undefined;
  /** Since when lower blocks alone were given, in Unix milliseconds. */
  #lowerSince: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a block is to be told. */
  take(block: Block): boolean {
    const last = this.#last;
    if (last?.hash === block.hash) {
      this.#lowerSince = undefined;
      return false;
    }
    if (last !== undefined && block.number < last.number && !this.#isSetback()) return false;
    this.#last = block;
    this.#lowerSince = undefined;
    return true;
  }

  #isSetback(): boolean {
    const now = this.#now();
    this.#lowerSince ??= now;
    return now - this.#lowerSince >= SETBACK;
  }
}

/** What was announced since it was last asked. */
class Announcements {
  readonly #notice = new Notice();
  readonly #stops: readonly (() => void)[];
  #isPending = false;

  constructor(sources: readonly HeadSource[]) {
    this.#stops = sources.map((source) =>
      source.announceHeads(() => {
        this.#isPending = true;
        this.#notice.give();
      }),
    );
  }

  /** All that was announced until now is about to be asked for. */
  forget(): void {
    this.#isPending = false;
  }

  /** Waits for the next announcement, or for so many milliseconds. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#isPending) await new Notice().wait(Math.min(LEAST, milliseconds), signal);
    else await this.#notice.wait(milliseconds, signal);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }
}

/**
 * The newest blocks as they come. An announcement is never believed, it only says when to ask; and as the question is repeated anyway, nothing
 * is missed where announcements are late, wrong, or stop. Never fails, and ends as soon as the signal aborts.
 */
export async function* followHeads(options: HeadsOptions, signal: AbortSignal): AsyncGenerator<Block, void, undefined> {
  const { ask, sources, poll, now } = options;
  const [news, announcements] = [new News(now), new Announcements(sources)];
  try {
    while (!signal.aborted) {
      announcements.forget();
      const block = await unlessAborted(ask, signal);
      if (block !== undefined && news.take(block)) yield block;
      else await announcements.wait(poll, signal);
    }
  } finally {
    announcements.stop();
  }
}

/** What is asked for; undefined where it cannot be had, and as soon as the signal aborts. */
async function unlessAborted(ask: () => Promise<Block>, signal: AbortSignal): Promise<Block | undefined> {
  const answered = new AbortController();
  try {
    return await Promise.race([ask(), once(signal, "abort", { signal: answered.signal }).then(() => undefined)]);
  } catch {
    return undefined;
  } finally {
    answered.abort();
  }
}
