import { FeedStore, type KeptEvent, type Position, type Step } from "./feedStore.ts";
import { Followed, keyOf, type EventName, type EventSelector, type FollowedEvent } from "./followed.ts";
import { headerAt } from "./header.ts";
import { nextStep, type StepParts } from "./step.ts";
import type { TypedContractEvent, TypedEventLog } from "../../bindings.ts";
import type { ContractName } from "../../deployments.ts";
import { interfaceOf, type Protocol } from "../../protocol.ts";
import type { Database } from "../../service/store/database.ts";
import { ChainUnreachableError } from "../access.ts";
import type { Block } from "../block.ts";
import type { ChainEndpoints } from "../endpoints/chainEndpoints.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { EndpointFault } from "../endpoints/fault.ts";

/** What a feed follows. */
export interface FeedOptions {
  readonly chain: ChainEndpoints;
  /** Has the tables {@link feedTables}. */
  readonly database: Database;
  readonly followed: readonly FollowedEvent[];
  /** So many blocks behind the newest a reorganisation may reach; 256 by default. */
  readonly depth?: number;
}

const DEPTH = 256;
/** So often the chain may change its branch in one synchronisation. */
const MOST_FORKS = 16;

/** An event of a contract. */
export interface ChainEvent<C extends ContractName, N extends EventName<C>> extends Position {
  readonly args: ArgsOf<Protocol[C]["filters"][N]>;
  readonly blockHash: string;
  readonly transactionHash: string;
}

type ArgsOf<E> = E extends TypedContractEvent ? TypedEventLog<E>["args"] : never;

/** Which events are wanted. */
export interface EventsOptions {
  /** Blocks behind the newest; with 0 also what one endpoint alone has said. */
  readonly confirmations: number;
  /** Only those after this place. */
  readonly after?: Position | undefined;
}

/** The chain has blocks where others were followed, deeper than a reorganisation may reach. */
export class DeepReorganisationError extends Error {
  override readonly name = "DeepReorganisationError";
}

/**
 * Follows events of the platform's contracts into a database, block by block. What a reorganisation took back is undone there; so what it has is
 * always what one branch has, from the first block to the newest that was followed.
 */
export class EventFeed {
  readonly #chain: ChainEndpoints;
  readonly #store: FeedStore;
  readonly #followed: Followed;
  readonly #parts: StepParts;
  #syncing: Promise<void> | undefined;

  constructor({ chain, database, followed: events, depth = DEPTH }: FeedOptions) {
    const followed = new Followed(events, interfaceOf, chain.book);
    [this.#chain, this.#followed] = [chain, followed];
    this.#store = new FeedStore(database, followed.fingerprint);
    const askOthers: StepParts["askOthers"] = async (than, ask) => chain.askOther(than, ask);
    this.#parts = { store: this.#store, followed, fromBlock: chain.book.fromBlock, depth, askOthers };
  }

  /** The newest block that was followed. */
  newest(): Block | undefined {
    return this.#store.newest();
  }

  /**
   * Follows the chain to its newest block. Whoever asks meanwhile waits for the same.
   *
   * @param signal Ends it between two steps.
   * @throws {ChainUnreachableError} What was followed until then stays.
   * @throws {DeepReorganisationError} Where all endpoints that answer have other blocks than those that were followed.
   */
  async sync(signal?: AbortSignal): Promise<void> {
    this.#syncing ??= this.#sync(signal).finally(() => {
      this.#syncing = undefined;
    });
    await this.#syncing;
  }

  /**
   * The events that were followed, oldest first.
   *
   * With confirmations, only those of blocks that lie so far behind the newest, and that two endpoints have; where one is configured, that it has.
   */
  events<C extends ContractName, N extends EventName<C>>(
    selector: EventSelector<C, N>,
    { confirmations, after = { block: -1, logIndex: 0 } }: EventsOptions,
  ): ChainEvent<C, N>[] {
    const key = keyOf(selector);
    if (!this.#followed.has(key)) throw new TypeError(`The event ${key} is not followed`);
    const last = confirmations === 0 ? this.#height : Math.min(this.#height - confirmations, this.#store.agreed());
    return this.#store.events(key, after, last).map((event) => decoded(selector, event));
  }

  async #sync(signal?: AbortSignal): Promise<void> {
    const target = (await this.#chain.ask(async (endpoint) => endpoint.freshHead())).number;
    for (let forks = 0; forks <= MOST_FORKS;) {
      signal?.throwIfAborted();
      const step = await this.#next();
      if (step === undefined) return this.#agree();
      if (step.base < this.#height) forks += 1;
      this.#store.take(step, this.#parts.depth);
      if (this.#height >= target) return this.#agree();
    }
    throw new ChainUnreachableError("The chain changes its branch faster than it is read");
  }

  /** Number of the newest block that was followed; below every number where there is none. */
  get #height(): number {
    return this.newest()?.number ?? -1;
  }

  /** The next step, by the first endpoint that gives one that can be believed. */
  async #next(): Promise<Step | undefined> {
    let deep: EndpointFault | undefined;
    try {
      return await this.#chain.askAtHead(async (endpoint, head) => {
        try {
          return await nextStep(endpoint, head, this.#parts);
        } catch (error) {
          if (error instanceof EndpointFault && error.code === "deep-reorganisation") deep = error;
          throw error;
        }
      });
    } catch (error) {
      if (deep === undefined) throw error;
      throw new DeepReorganisationError(
        `The chain cannot be followed any more: of an endpoint, ${deep.message}. Check the endpoints; if the chain itself began anew, move the database away.`,
      );
    }
  }

  /** Finds the newest followed block that enough endpoints have. */
  async #agree(): Promise<void> {
    const { answers, needed } = await this.#chain.askAnswering(async (endpoint) => this.#reach(endpoint));
    const reached = answers.sort((a, b) => b - a)[needed - 1];
    if (reached !== undefined && reached > this.#store.agreed()) this.#store.setAgreed(reached);
  }

  /** The newest followed block that an endpoint has, of those some way behind the newest; below every number where it has none. */
  async #reach(endpoint: Endpoint): Promise<number> {
    const head = await endpoint.head();
    for (let behind = 0; behind <= this.#parts.depth; behind = behind === 0 ? 1 : 2 * behind) {
      const [known] = this.#store.blocksFrom(head.number - behind, 1);
      if (known === undefined) break;
      if ((await headerAt(endpoint, known.number)).hash === known.hash) return known.number;
    }
    return -1;
  }
}

function decoded<C extends ContractName, N extends EventName<C>>(
  { contract }: EventSelector<C, N>,
  { block, logIndex, blockHash, transactionHash, topics, data }: KeptEvent,
): ChainEvent<C, N> {
  const parsed = interfaceOf(contract).parseLog({ topics, data });
  if (parsed === null) throw new TypeError(`The ${contract}'s ABI has no event of topic ${String(topics[0])}`);
  return { args: parsed.args as ChainEvent<C, N>["args"], block, logIndex, blockHash, transactionHash };
}
