import type { PlatformContext } from "./context.ts";
import { registrationNonce } from "../../src/enclave/registration.ts";
import { InputError } from "../../src/inputError.ts";

/**
 * By which verifier and which quote a node was attested last, and what bound the quote to it.
 *
 * @param count As of when it had been attested so often; its newest attestation by default.
 */
export async function lastAttestation({ protocol, book, provider }: PlatformContext, nodeId: bigint, count?: bigint) {
  const { nodeRegistry } = protocol;
  const events = await nodeRegistry.queryFilter(nodeRegistry.filters.NodeAttested(nodeId), book.fromBlock);
  const place = count === undefined ? events.length - 1 : Number(count) - 1;
  const last = events[place]?.args;
  if (last === undefined) {
    throw new InputError(`Node ${nodeId.toString()} was never attested`, "Attest it first: `node register --quote`.");
  }
  const { verifier, quoteHash, blockNumber } = last;
  const block = await provider.getBlock(Number(blockNumber));
  if (typeof block?.hash !== "string") {
    throw new InputError(
      `The network does not know block ${blockNumber.toString()}`,
      "Use an RPC node that keeps the whole history.",
    );
  }
  const nonce = registrationNonce(nodeId, BigInt(place));
  return { verifier, quoteHash, binding: { nonce, blockNumber, blockHash: block.hash } };
}
