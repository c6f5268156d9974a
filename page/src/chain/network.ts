import { signal } from "@preact/signals";

import { batchedReads } from "../../../src/chain/batch.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import { readToken } from "../../../src/token.ts";
import type { ChainContext } from "./chainContext.ts";
import type { NetworkConfig } from "./config.ts";
import { Endpoints, health } from "./endpoints.ts";
import { logStore } from "./logStore.ts";
import { oddTime } from "./oddTime.ts";
import { storeOf } from "./storeName.ts";
import { symbolOf } from "./symbol.ts";

/** The chain's newest block as it was seen last. */
export interface Head {
  readonly number: number;
  /** Unix seconds by the chain's clock. */
  readonly timestamp: bigint;
  /** When it was first seen, as `performance.now()` counts. */
  readonly seenAt: number;
}

export const head = signal<Head | undefined>(undefined);

/** Milliseconds between two looks for a new block. */
const EVERY = 4_000;
const EVERY_LOCALLY = 1_000;

/** Connects a network: its contracts, their history, and the platform's token. */
export async function connect(config: NetworkConfig): Promise<ChainContext> {
  const provider = new Endpoints(config);
  const runner = batchedReads(provider);
  const { contracts, fromBlock } = config.book;
  const { decimals, symbol } = await readToken(contracts.token, runner);
  const token = { decimals, symbol: symbolOf(symbol) };
  const history = { fromBlock, cache: logStore(storeOf(config)) };
  const protocol = connectProtocol(config.book, runner);
  return { config, chainId: config.chainId, provider, protocol, history, token };
}

/** Milliseconds for which a chain that is shorter than before is not believed. */
const DOUBT = 60_000;
/** Since when it is, as `performance.now()` counts. */
let shorterSince: number | undefined;

/** Whether a block cannot be the newest one: an older one than was seen, unless that has been so for long. */
function isDoubtful(number: number, known: Head): boolean {
  shorterSince = number < known.number ? (shorterSince ?? performance.now()) : undefined;
  return shorterSince !== undefined && performance.now() - shorterSince < DOUBT;
}

/**
 * Takes a block as the newest one. Fewer blocks than before mean an endpoint that lags, and the next one is asked; or a chain that has become
 * shorter, if that stays so.
 */
function take(
  { provider, chainId }: ChainContext,
  block: { readonly number: number; readonly timestamp: number },
): void {
  const known = head.value;
  if (known !== undefined && isDoubtful(block.number, known)) {
    const detail = `shows block ${String(block.number)}, after ${String(known.number)} was seen`;
    health.value = { ...health.value, state: "behind", detail };
    provider.passOver();
    return;
  }
  shorterSince = undefined;
  const odd = oddTime(BigInt(block.timestamp), chainId, BigInt(Math.floor(Date.now() / 1_000)));
  if (odd !== undefined) {
    health.value = { ...health.value, state: "behind", detail: odd };
    provider.passOver();
  } else if (health.value.state === "behind") health.value = { ...health.value, state: "fine", detail: "" };
  if (known?.number === block.number && known.timestamp === BigInt(block.timestamp)) return;
  head.value = { number: block.number, timestamp: BigInt(block.timestamp), seenAt: performance.now() };
}

/** Follows the chain's newest block while the page is looked at. @returns Ends it. */
export function followHead(chain: ChainContext): () => void {
  const { provider, config } = chain;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const every = config.chainId === 31337n ? EVERY_LOCALLY : EVERY;
  const look = async (): Promise<void> => {
    try {
      const block = document.hidden ? null : await provider.getBlock("latest");
      if (block !== null && !isOver) take(chain, block);
    } catch {
      // The endpoints' health has it.
    }
    if (!isOver) timer = setTimeout(() => void look(), every);
  };
  void look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** The chain's time now, in Unix seconds, as far as can be known between two blocks. */
export function chainNow(): bigint {
  const known = head.value;
  if (known === undefined) return BigInt(Math.floor(Date.now() / 1_000));
  return known.timestamp + BigInt(Math.floor((performance.now() - known.seenAt) / 1_000));
}
