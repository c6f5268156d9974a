import { ZeroAddress, type Block, type Provider, type TransactionRequest } from "ethers";
import { setTimeout as sleep } from "node:timers/promises";

import type { Call } from "./bytecode.ts";
import { tryInARow } from "./sequence.ts";
import type { PlatformContext } from "../context.ts";
import { EXIT, ExplainedError } from "../failures/failure.ts";
import { batchedReads } from "../../../src/chain/batch.ts";
import { connectProtocol } from "../../../src/protocol.ts";

type Reading = Partial<Pick<Provider, "call" | "getBlock" | "getBlockNumber" | "getBalance">>;

/** A provider that reads in some ways of its own. */
function readingOtherwise(provider: Provider, reading: Reading): Provider {
  return new Proxy(provider, {
    get(target, name, self) {
      if (name === "provider") return self as unknown;
      if (Object.hasOwn(reading, name)) return reading[name as keyof Reading];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The context with a provider that reads otherwise, alone or together with others in one request. */
function contextWith(context: PlatformContext, reading: Reading, together: boolean): PlatformContext {
  const provider = readingOtherwise(context.provider, reading);
  const protocol = connectProtocol(context.book, together ? batchedReads(provider) : provider);
  return { ...context, provider, protocol };
}

const isLatest = (tag: unknown): boolean => tag === undefined || tag === null || tag === "latest" || tag === "pending";

/** How often, in milliseconds, to ask again a node that lags behind, and for how long. */
const LAG = { every: 500, most: 60_000 };

/**
 * Waits until the node has a block: one behind a load balancer may lag behind the one that knew the block.
 *
 * @throws {ExplainedError} Where the node does not get there.
 */
export async function reachBlock(provider: Provider, block: number): Promise<void> {
  const end = Date.now() + LAG.most;
  while ((await provider.getBlockNumber()) < block) {
    if (Date.now() > end) {
      const cause = `The network's node does not get to block ${String(block)}.`;
      throw new ExplainedError({ exitCode: EXIT.network, name: "NodeLags", cause, remedy: "Look again later." });
    }
    await sleep(LAG.every);
  }
}

/**
 * The platform as it is at a block, and never earlier.
 *
 * @throws {ExplainedError} Where the node does not get there.
 */
export async function contextAt(context: PlatformContext, block: number): Promise<PlatformContext> {
  const { provider } = context;
  await reachBlock(provider, block);
  const tag = (asked: unknown): unknown => (isLatest(asked) ? block : asked);
  const reading: Reading = {
    call: (tx) => provider.call({ ...tx, blockTag: tag(tx.blockTag) as number }),
    getBlock: (asked, prefetch): Promise<Block | null> => provider.getBlock(tag(asked) as number, prefetch),
    getBlockNumber: () => Promise.resolve(block),
    getBalance: (address, asked) => provider.getBalance(address, tag(asked) as number),
  };
  return contextWith(context, reading, true);
}

const callOf = (tx: TransactionRequest): Call => ({
  to: typeof tx.to === "string" ? tx.to : ZeroAddress,
  data: tx.data ?? "0x",
  value: BigInt(tx.value ?? 0),
});

/** The platform as it would be. */
export interface After {
  readonly context: PlatformContext;
  /** Whether anything that has been read of it so far is as it is, because the node could not say how it would be. */
  readonly isStale: boolean;
}

/** The platform as it would be once an account had made some calls; as it is where the node cannot say, which is marked. */
export async function contextAfter(context: PlatformContext, account: string, calls: readonly Call[]): Promise<After> {
  const { provider } = context;
  let isStale = (await tryInARow(context, account, calls)) === undefined;
  if (isStale) return { context, isStale };
  const call: Reading["call"] = async (tx) => {
    if (!isLatest(tx.blockTag)) return provider.call(tx);
    const tried = await tryInARow(context, account, [...calls, callOf(tx)]);
    if (tried === undefined) {
      isStale = true;
      return provider.call(tx);
    }
    if (tried.refused === undefined) return tried.data;
    throw Object.assign(new Error("execution reverted"), { code: 3, data: tried.data });
  };
  return {
    context: contextWith(context, { call }, false),
    get isStale() {
      return isStale;
    },
  };
}
