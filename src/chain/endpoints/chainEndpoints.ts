import type { JsonRpcApiProvider } from "ethers";

import { agreedAnswer, answerAt, disagreement, faultsOf } from "./agreement.ts";
import { Endpoint, type EndpointOptions } from "./endpoint.ts";
import { EndpointFault, faultOf, isMoved, UnrunError } from "./fault.ts";
import { followHeads, POLL, type HeadSource } from "./heads.ts";
import { askForNewest } from "./newest.ts";
import { Preference } from "./preference.ts";
import { ChainUnreachableError, type ChainAccess, type Read } from "../access.ts";
import type { Block } from "../block.ts";
import type { AddressBook } from "../../deployments.ts";
import { isRevert, revertDataOf } from "../../revertData.ts";

/** Which endpoints there are, and how they are asked. */
export interface EndpointsOptions extends EndpointOptions {
  /** In order of preference. */
  readonly providers: readonly (JsonRpcApiProvider & Partial<HeadSource>)[];
  /** Told which endpoint was passed over, by its place among them, and why, without its address, which may hold a key. Must not throw. */
  readonly passedOver?: ((endpoint: number, reason: string) => void) | undefined;
  /** Milliseconds between two questions for the newest block. */
  readonly poll?: number | undefined;
}

/** Asked again so often where the chain reorganises while it is read. */
const ATTEMPTS = 2;
/** So many endpoints must say the same where none alone is believed. */
const AGREEING = 2;

/** The chain over several endpoints, asked in order of preference; one that failed is asked last for a while. */
export class ChainEndpoints implements ChainAccess {
  readonly book: AddressBook;
  readonly providers: EndpointsOptions["providers"];
  readonly #options: EndpointsOptions;
  readonly #endpoints: readonly Endpoint[];
  readonly #preference: Preference<Endpoint>;
  readonly #closing = new AbortController();

  constructor(options: EndpointsOptions) {
    this.#options = options;
    this.book = options.book;
    this.providers = options.providers;
    this.#endpoints = options.providers.map((provider) => new Endpoint(provider, options));
    this.#preference = new Preference(this.#endpoints, options.now);
  }

  async head(): Promise<Block> {
    return this.ask(async (endpoint) => endpoint.head());
  }

  async read<T>(_what: string, read: Read<T>): Promise<T> {
    return this.askAtHead(async (endpoint, block) => endpoint.readAt(block, async (protocol) => read(protocol, block)));
  }

  async readAgreed<T>(what: string, read: Read<T>, confirmations = 0): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#readAgreed(what, read, confirmations);
      } catch (error) {
        if (!isMoved(error)) throw error;
        if (attempt === ATTEMPTS) throw new ChainUnreachableError(`The chain could not be read: ${faultOf(error)}`);
      }
    }
  }

  async readEach<T>(read: Read<T>): Promise<T[]> {
    return this.#askEach(this.#endpoints, async (endpoint) => {
      const block = await endpoint.head();
      return endpoint.readAt(block, async (protocol) => read(protocol, block));
    });
  }

  heads(signal: AbortSignal): AsyncIterable<Block> {
    const { now, poll = POLL } = this.#options;
    const ask = async (): Promise<Block> => this.#newestHead();
    const sources = this.providers.filter((provider): provider is JsonRpcApiProvider & HeadSource => {
      return provider.announceHeads !== undefined;
    });
    return followHeads({ ask, sources, poll, now }, AbortSignal.any([signal, this.#closing.signal]));
  }

  /**
   * The newest block of all that answer: nobody waits for one that has stopped following the chain, which is asked last from then on.
   *
   * @throws {ChainUnreachableError}
   */
  async #newestHead(): Promise<Block> {
    const found = await askForNewest(
      this.#preference.answering(),
      async (endpoint) => endpoint.freshHead(),
      (endpoint, error) => {
        this.#passOver(endpoint, error);
      },
    );
    if (found === undefined) return this.ask(async (endpoint) => endpoint.freshHead());
    for (const { from, block } of found.behind) {
      const blocks = String(found.block.number - block.number);
      this.#passOver(from, new EndpointFault("stale", `it is ${blocks} blocks behind others`));
    }
    return found.block;
  }

  /** Ends what follows the chain, and every connection. */
  close(): void {
    this.#closing.abort();
    for (const provider of this.providers) provider.destroy();
  }

  /**
   * What the first endpoint answers that does. What the chain itself refuses, by a revert, is an answer; where an endpoint does not show the reason,
   * others are asked for it.
   *
   * @throws {ChainUnreachableError}
   */
  async ask<T>(ask: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    return this.#askOneOf(this.#preference.inOrder(), ask);
  }

  async #askOneOf<T>(endpoints: readonly Endpoint[], ask: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    const faults: string[] = [];
    const silent: unknown[] = [];
    for (const endpoint of endpoints) {
      try {
        const answer = await ask(endpoint);
        this.#preference.answered(endpoint);
        return answer;
      } catch (error) {
        const revert = revertDataOf(error);
        if (revert === "0x") {
          silent.push(error);
          continue;
        }
        if (revert !== undefined || error instanceof ChainUnreachableError) throw error;
        if (!(error instanceof UnrunError)) this.#passOver(endpoint, error);
        faults.push(faultOf(error));
      }
    }
    if (silent.length > 0) throw silent[0];
    throw new ChainUnreachableError(`No endpoint of the chain could be used: ${faults.join("; ")}`);
  }

  /**
   * As {@link ask}, with the endpoint's newest block, and once more where that is taken back meanwhile.
   *
   * @throws {ChainUnreachableError}
   */
  async askAtHead<T>(ask: (endpoint: Endpoint, block: Block) => Promise<T>): Promise<T> {
    return this.ask(async (endpoint) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await ask(endpoint, await endpoint.head());
        } catch (error) {
          if (!isMoved(error)) throw error;
          endpoint.forgetHead();
          if (attempt === ATTEMPTS) throw error;
        }
      }
    });
  }

  /**
   * What each endpoint answers that has not failed a moment ago, and how many of them must say the same where none alone is believed.
   */
  async askAnswering<T>(
    ask: (endpoint: Endpoint) => Promise<T>,
  ): Promise<{ readonly answers: T[]; readonly needed: number }> {
    return { answers: await this.#askEach(this.#preference.answering(), ask), needed: this.#needed };
  }

  /** What each of some endpoints answers that does. */
  async #askEach<T>(endpoints: readonly Endpoint[], ask: (endpoint: Endpoint) => Promise<T>): Promise<T[]> {
    const answers = await Promise.all(
      endpoints.map(async (endpoint) => {
        try {
          return [await ask(endpoint)];
        } catch (error) {
          if (!isRevert(error)) this.#passOver(endpoint, error);
          return [];
        }
      }),
    );
    return answers.flat();
  }

  /**
   * What the first endpoint other than one answers that does.
   *
   * @returns Undefined where only one is configured.
   * @throws {ChainUnreachableError}
   */
  async askOther<T>(than: Endpoint, ask: (endpoint: Endpoint) => Promise<T>): Promise<T | undefined> {
    const others = this.#preference.inOrder().filter((endpoint) => endpoint !== than);
    return others.length === 0 ? undefined : this.#askOneOf(others, ask);
  }

  /** So many endpoints must say the same where none alone is believed. */
  get #needed(): number {
    return Math.min(AGREEING, this.#endpoints.length);
  }

  async #readAgreed<T>(what: string, read: Read<T>, confirmations: number): Promise<T> {
    const needed = this.#needed;
    const first = await this.#firstHeads(needed);
    const number = Math.max(0, Math.min(...first.map(({ block }) => block.number)) - confirmations);
    const asked = first.map(({ endpoint }) => endpoint);
    const answers = await Promise.all(asked.map(async (endpoint) => answerAt(endpoint, number, read)));
    for (const endpoint of this.#preference.inOrder().filter((each) => !asked.includes(each))) {
      if (agreedAnswer(answers, needed) !== undefined) break;
      answers.push(await answerAt(endpoint, number, read));
    }
    const agreed = agreedAnswer(answers, needed);
    for (const { endpoint, fault } of faultsOf(answers, agreed, what)) this.#passOver(endpoint, fault);
    if (agreed === undefined) throw disagreement(answers, what, number);
    return agreed.value();
  }

  #passOver(endpoint: Endpoint, error: unknown): void {
    this.#preference.failed(endpoint);
    this.#options.passedOver?.(this.#endpoints.indexOf(endpoint), faultOf(error));
  }

  /** The newest blocks of the first endpoints that answer. */
  async #firstHeads(needed: number): Promise<{ readonly endpoint: Endpoint; readonly block: Block }[]> {
    const found: { endpoint: Endpoint; block: Block }[] = [];
    for (const endpoint of this.#preference.inOrder()) {
      if (found.length === needed) break;
      try {
        found.push({ endpoint, block: await endpoint.head() });
      } catch (error) {
        this.#passOver(endpoint, error);
      }
    }
    if (found.length === needed) return found;
    throw new ChainUnreachableError(
      `${String(found.length)} endpoints of the chain can be used; final reads need ${String(needed)}`,
    );
  }
}
