import { setImmediate as turn } from "node:timers/promises";

import type { Context } from "hono";

import { clientKey } from "./addresses.ts";
import type { ApiEnv } from "./api.ts";
import { problemDocument, problemOf } from "./problems.ts";
import { Tally } from "./tally.ts";
import { Problem } from "../problems/problem.ts";

/** One event of a stream. */
export interface ServerEvent {
  /** Where reading goes on after this event; sent back by clients as `last-event-id`. Printable, without spaces. */
  readonly id?: string;
  /** What kind it is, such as "log"; a plain message where it is left out. */
  readonly event?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/** Streams that are open, by whom they are for. */
export class StreamSlots {
  readonly #most: number;
  readonly #open = new Tally();

  /** @param most How many each order may have open at once; one account or address half as many of them. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes a slot.
   *
   * @param of What the stream is of, such as an order.
   * @param by Who reads it.
   * @returns Gives it back; doing so again changes nothing.
   * @throws {Problem} `rate-limited`, when all are taken.
   */
  take(of: string, by: string): () => void {
    const own = `${of} ${by}`;
    const isFull = this.#open.count(of) >= this.#most;
    if (isFull || this.#open.count(own) >= Math.ceil(this.#most / 2)) {
      const open = isFull ? this.#open.count(of) : this.#open.count(own);
      const detail = `${String(open)} streams are open already${isFull ? "" : " for you"}, the most at once`;
      throw new Problem("rate-limited", detail, { retryAfter: 5 });
    }
    const [all, share] = [this.#open.add(of), this.#open.add(own)];
    return () => {
      all();
      share();
    };
  }
}

/** How a stream is kept alive and ended. */
export interface StreamOptions {
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
  /** Limits streams of the caller's order, and those of each reader. */
  readonly slots: StreamSlots;
  /** Milliseconds of silence after which a comment is sent, so that nobody takes the stream for dead. */
  readonly heartbeat?: number;
  /** Told when the stream is over, whatever ended it. */
  readonly ended?: () => void;
}

const HEARTBEAT = 15_000;
const CURSOR = /^[\x21-\x7e]{1,200}$/;

/**
 * Where a client wants to go on: its header `last-event-id`, or the query's `after` for the first request.
 *
 * @throws {Problem} `invalid-request`, for what no event can have had as its id.
 */
export function cursorOf(context: Context<ApiEnv>): string | undefined {
  const cursor = context.req.header("last-event-id") ?? context.req.query("after");
  if (cursor === undefined || cursor === "") return undefined;
  if (CURSOR.test(cursor)) return cursor;
  throw new Problem("invalid-request", "The cursor is not one that this gateway gave");
}

/** An event as it is sent. Data is JSON, which has no line breaks, so nothing in it can end the event. */
function format({ id, event, data }: ServerEvent): string {
  const lines = [
    ...(id === undefined || !CURSOR.test(id) ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join("\n")}\n\n`;
}

/** So many chunks are sent before others have a turn. */
const TURN_EVERY = 16;

/** What comes next: an event's text, a heartbeat, or nothing any more. */
class Chunks {
  readonly #events: AsyncIterator<ServerEvent>;
  readonly #heartbeat: number;
  #count = 0;
  /** Asked for and not here yet; what becomes of it is always looked at. */
  #next: Promise<IteratorResult<ServerEvent>> | undefined;

  constructor(events: AsyncIterable<ServerEvent>, heartbeat: number) {
    this.#events = events[Symbol.asyncIterator]();
    this.#heartbeat = heartbeat;
  }

  async next(): Promise<string | undefined> {
    this.#count += 1;
    // A source that has much at hand and a reader that takes it at once would leave nobody else a turn.
    if (this.#count % TURN_EVERY === 0) await turn();
    this.#next ??= this.#events.next();
    let timer: NodeJS.Timeout | undefined;
    const silence = async (): Promise<"silence"> =>
      new Promise((resolve) => {
        timer = setTimeout(() => {
          resolve("silence");
        }, this.#heartbeat);
      });
    try {
      const first = await Promise.race([this.#next, silence()]);
      if (first === "silence") return ":\n\n";
      this.#next = undefined;
      return first.done === true ? undefined : format(first.value);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the source. What it still throws is of no interest to anybody. */
  async end(): Promise<void> {
    await Promise.allSettled([this.#next, this.#events.return?.()]);
  }
}

/**
 * Answers with a stream of events (text/event-stream). The next event is asked for when the last one is on its way, so a slow reader keeps
 * nothing in memory; the source is ended as soon as the reader goes away or the server closes. A source that fails ends the stream with an event
 * `problem`.
 *
 * @param source Gives the events; ends when its signal aborts.
 * @throws {Problem} `rate-limited`, when too many streams are open.
 */
export function eventStream(
  context: Context<ApiEnv>,
  source: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
  { closing, slots, heartbeat = HEARTBEAT, ended }: StreamOptions,
): Response {
  const release = slots.take(...streamKeys(context));
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, closing, context.req.raw.signal]);
  const chunks = new Chunks(source(signal), heartbeat);
  const encoder = new TextEncoder();
  const finish = async (): Promise<void> => {
    stop.abort();
    release();
    ended?.();
    await chunks.end();
  };
  const requestId = context.get("requestId");
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await nextOf(chunks, signal, requestId);
        if (chunk.text !== undefined) controller.enqueue(encoder.encode(chunk.text));
        if (!chunk.isLast) return;
        controller.close();
        await finish();
      },
      cancel: finish,
    },
    // Nothing is fetched ahead.
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}

/** What a stream is of, and who reads it. */
function streamKeys(context: Context<ApiEnv>): readonly [of: string, by: string] {
  const client = clientKey(context.get("clientAddress"));
  // Not set on routes of other access.
  const caller = context.get("caller") as { readonly order: number; readonly account: string } | undefined;
  return caller === undefined ? [`address ${client}`, client] : [`order ${String(caller.order)}`, caller.account];
}

async function nextOf(
  chunks: Chunks,
  signal: AbortSignal,
  requestId: string,
): Promise<{ readonly text: string | undefined; readonly isLast: boolean }> {
  try {
    const text = signal.aborted ? undefined : await untilAborted(signal, async () => chunks.next());
    return { text, isLast: text === undefined };
  } catch (error) {
    if (signal.aborted) return { text: undefined, isLast: true };
    return { text: format({ event: "problem", data: problemDocument(problemOf(error), requestId) }), isLast: true };
  }
}

/** What is awaited, or undefined as soon as a signal aborts. */
async function untilAborted<T>(signal: AbortSignal, wait: () => Promise<T>): Promise<T | undefined> {
  let stop: (() => void) | undefined;
  const aborted = async (): Promise<undefined> =>
    new Promise((resolve) => {
      stop = () => {
        resolve(undefined);
      };
      signal.addEventListener("abort", stop, { once: true });
    });
  try {
    return await Promise.race([wait(), aborted()]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}
