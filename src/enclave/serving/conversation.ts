import { once } from "node:events";
import type { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";

import { isTask, readRequest, type ReadLine, type TaskRequest } from "./requests.ts";
import type { EnclaveService } from "./service.ts";
import { toJson } from "../../json.ts";
import { EnclaveError, problemOf } from "../errors.ts";
import { LineSplitter } from "../lines.ts";

import { MAX_LINE, type Reply } from "../protocol.ts";
import { Turns } from "../../turns.ts";

/** The most tasks of one client that run or wait. */
export const MAX_TASKS = 64;

/** Milliseconds after which a client is left that does not take its answers. */
const TAKEN_WITHIN = 60_000;

/**
 * Answers what one client asks, until it asks no more and has its answers. Its requests are done one after the other and its tasks too, but a
 * task keeps none of the others waiting; between two requests those of other clients have their turn.
 *
 * @param input What the client writes.
 * @param output Where the answers go; destroyed when the client does not take them.
 */
export async function converse(
  service: EnclaveService,
  input: AsyncIterable<Uint8Array>,
  output: Writable,
): Promise<void> {
  const conversation = new Conversation(service, output);
  const splitter = new LineSplitter(MAX_LINE);
  for await (const chunk of input) {
    for (const line of splitter.push(chunk)) {
      await setImmediate();
      conversation.take(readRequest(line));
      await taken(output);
    }
  }
  await conversation.done();
}

class Conversation {
  readonly #service: EnclaveService;
  readonly #output: Writable;
  readonly #turns = new Turns();

  constructor(service: EnclaveService, output: Writable) {
    this.#service = service;
    this.#output = output;
  }

  /** Waits until the tasks are answered that were asked until now. */
  async done(): Promise<void> {
    await this.#turns.take(async () => Promise.resolve());
  }

  take(read: ReadLine): void {
    if ("error" in read) {
      this.#reply({ id: read.id, error: problemOf(read.error) });
      return;
    }
    const { id, request } = read;
    if (!isTask(request)) {
      this.#reply(replyTo(id, () => this.#service.answer(request)));
    } else if (this.#turns.count >= MAX_TASKS) {
      const busy = new EnclaveError("BUSY", `The client has asked for ${MAX_TASKS} tasks that are not done yet`);
      this.#reply({ id, error: problemOf(busy) });
    } else {
      void this.#turns.take(async () => this.#do(id, request));
    }
  }

  /** Never fails: what goes wrong is answered. */
  async #do(id: number, request: TaskRequest): Promise<void> {
    try {
      this.#reply({ id, answer: await this.#service.task(request, () => this.#output.writable) });
    } catch (error) {
      this.#reply({ id, error: problemOf(error) });
    }
  }

  #reply(reply: Reply): void {
    if (this.#output.writable) this.#output.write(`${toJson(reply, 0)}\n`);
  }
}

function replyTo(id: number, answer: () => unknown): Reply {
  try {
    return { id, answer: answer() };
  } catch (error) {
    return { id, error: problemOf(error) };
  }
}

/** Waits until a client has taken its answers, so that they do not pile up; leaves one that does not. */
async function taken(output: Writable): Promise<void> {
  if (!output.writableNeedDrain) return;
  const over = new AbortController();
  const { signal } = over;
  const timer = setTimeout(() => output.destroy(), TAKEN_WITHIN);
  await Promise.race([once(output, "drain", { signal }), once(output, "close", { signal })]).catch(() => undefined);
  clearTimeout(timer);
  over.abort();
}
