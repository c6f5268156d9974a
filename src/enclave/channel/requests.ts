import type { z } from "zod";

import { toJson } from "../../json.ts";
import { EnclaveError } from "../errors.ts";
import { answerForms, MAX_LINE } from "../protocol.ts";
import type { Channel, ChannelListener } from "./channel.ts";
import { errorOf, parseReply, refusalOf } from "./replies.ts";

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: EnclaveError) => void;
}

/** What can be asked. */
export type Verb = keyof typeof answerForms;

/** What is asked of an enclave program over a channel, and what it answers. */
export class Requests {
  readonly channel: Channel;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: ((reason: EnclaveError) => void)[] = [];
  #count = 0;
  #failure: EnclaveError | undefined;

  constructor(open: (listener: ChannelListener) => Channel) {
    this.channel = open({
      onLine: (line) => {
        this.#take(line);
      },
      onEnd: (reason) => {
        this.fail(reason);
      },
    });
  }

  /**
   * Asks something and waits for the answer.
   *
   * @param timeout Milliseconds to wait for it.
   * @throws {EnclaveError} What the program refuses; TIMEOUT; PROTOCOL for an answer that is none; and why nothing more is asked.
   */
  async ask<V extends Verb>(request: V, content: object, timeout: number): Promise<z.infer<(typeof answerForms)[V]>> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = this.#count++;
    const line = toJson({ id, request, ...content }, 0);
    if (Buffer.byteLength(line) > MAX_LINE) {
      throw new EnclaveError("INVALID_REQUEST", `The request "${request}" has more than ${MAX_LINE} bytes`);
    }
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        timer = setTimeout(() => {
          reject(new EnclaveError("TIMEOUT", `The enclave program did not answer "${request}" within ${timeout} ms`));
        }, timeout);
        this.channel.send(line);
      });
      const { success, data } = answerForms[request].safeParse(answer);
      if (!success) throw new EnclaveError("PROTOCOL", `The answer to "${request}" does not have its form`);
      return data as z.infer<(typeof answerForms)[V]>;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Has a listener hear, once, that nothing more is asked, and why; at once if that has happened. */
  onEnd(listener: (reason: EnclaveError) => void): void {
    if (this.#failure === undefined) this.#listeners.push(listener);
    else listener(this.#failure);
  }

  /** Ends every wait, now and later; the first reason stays. */
  fail(error: EnclaveError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    for (const tell of this.#listeners.splice(0)) tell(this.#failure);
  }

  #take(line: string | undefined): void {
    const reply = parseReply(line);
    if (reply === undefined || reply.id === null || reply.id >= this.#count) {
      this.fail(refusalOf(reply));
      this.channel.abort();
      return;
    }
    // Nobody waits any more for an answer that comes too late.
    const waiting = this.#waiting.get(reply.id);
    if ("error" in reply) {
      waiting?.reject(errorOf(reply.error));
    } else {
      waiting?.resolve(reply.answer);
    }
  }
}
