import type { PlatformContext } from "./context.ts";
import { newestEvent } from "../../src/chain/history.ts";
import { registrationNonce } from "../../src/enclave/registration.ts";
import { InputError } from "../../src/inputError.ts";

/**
 * By which verifier and which quote a node was attested last, on which platform, and what bound the quote to it.
 *
 * @param count As of when it had been attested so often; its newest attestation by default.
 */
export async function lastAttestation(
  { protocol, history, provider }: PlatformContext,
  nodeId: bigint,
  count?: bigint,
) {
  const { nodeRegistry } = protocol;
  const { attestations } = await nodeRegistry.getNode(nodeId);
  const wanted = count ?? attestations;
  if (attestations === 0n) {
    throw new InputError(`Node ${nodeId.toString()} was never attested`, "Attest it first: `node register --quote`.");
  }
  // Counted from the newest, which has the number that the registry keeps.
  let number = attestations + 1n;
  const last = await newestEvent(history, nodeRegistry, nodeRegistry.filters.NodeAttested(nodeId), () => {
    number -= 1n;
    return number === wanted;
  });
  if (last === undefined) {
    throw new InputError(
      `The network does not show attestation ${wanted.toString()} of node ${nodeId.toString()}`,
      "Use an RPC node that keeps the whole history.",
    );
  }
  const { verifier, quoteHash, platformId, blockNumber } = last.args;
  const block = await provider.getBlock(Number(blockNumber));
  if (typeof block?.hash !== "string") {
    throw new InputError(
      `The network does not know block ${blockNumber.toString()}`,
      "Use an RPC node that keeps the whole history.",
    );
  }
  const nonce = registrationNonce(nodeId, wanted - 1n);
  return { verifier, quoteHash, platformId, binding: { nonce, blockNumber, blockHash: block.hash } };
}
