import type { Provider } from "ethers";

import type { QuoteDocument } from "../../documents/nodes.ts";
import { InputError } from "../../inputError.ts";
import type { Protocol } from "../../protocol.ts";
import type { Hex } from "../../sgx/bytes.ts";

/** What the chain says of the registration that a quote was made for. */
export interface Registration {
  /** The node's owner. */
  readonly provider: string;
  /** The nonce of its next attestation. */
  readonly nonce: bigint;
  /** The oldest block that a quote may name; 0 while there is none. */
  readonly oldestBlock: bigint;
  /** The hash of the block that the quote names; undefined where the chain has none of that number. */
  readonly blockHash: string | undefined;
  /** The first half of the report data that the quote must have. */
  readonly reportData: Hex;
}

/**
 * Reads what the chain says of the registration that a quote was made for.
 *
 * @param at The block at which it is read; the newest by default.
 */
export async function readRegistration(
  { nodeRegistry }: Pick<Protocol, "nodeRegistry">,
  provider: Pick<Provider, "getBlock">,
  { nodeId, enclaveKey, binding }: QuoteDocument,
  at: number | "latest" = "latest",
): Promise<Registration> {
  const tag = { blockTag: at };
  const [node, nonce, oldestBlock, block] = await Promise.all([
    nodeRegistry.getNode(nodeId, tag),
    nodeRegistry.nonceOf(nodeId, tag),
    nodeRegistry.oldestBlock(tag),
    provider.getBlock(Number(binding.blockNumber)),
  ]);
  const reportData = (await nodeRegistry.reportDataOf(node.provider, enclaveKey, binding, tag)) as Hex;
  return { provider: node.provider, nonce, oldestBlock, blockHash: block?.hash ?? undefined, reportData };
}

/**
 * Refuses a quote that names another nonce than the node's next: what is attested moves it on, so no quote counts twice.
 *
 * @throws {InputError}
 */
export function checkNonce({ binding }: QuoteDocument, nonce: bigint): void {
  if (nonce === binding.nonce) return;
  const problem = `The quote's nonce ${binding.nonce.toString()} was used before; the node's next nonce is ${nonce.toString()}`;
  throw new InputError(problem, "Ask the provider for a new quote: `node quote`.");
}

/**
 * Checks that a quote was made for the node's next registration, on this chain and lately.
 *
 * @returns The report data that the quote must have: the document's own word does not count.
 * @throws {InputError}
 */
export function checkBinding(quote: QuoteDocument, registration: Registration): Hex {
  checkNonce(quote, registration.nonce);
  const { blockNumber, blockHash } = quote.binding;
  const remedy = "Ask the provider for a new quote: `node quote`.";
  if (registration.blockHash !== blockHash.toLowerCase()) {
    throw new InputError("The quote names a block that is not on this chain", remedy);
  }
  if (registration.oldestBlock === 0n || blockNumber < registration.oldestBlock) {
    throw new InputError(`The quote names block ${blockNumber.toString()}, which is too old`, remedy);
  }
  return registration.reportData;
}
