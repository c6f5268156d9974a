import type { Provider } from "ethers";

import type { ChainEvent } from "../../chain/feed/eventFeed.ts";
import { newestEvent } from "../../chain/history.ts";
import type { History } from "../../chain/logScan.ts";
import type { AddressBook } from "../../deployments.ts";
import { registrationNonce } from "../../enclave/registration.ts";
import { InputError } from "../../inputError.ts";
import type { Protocol } from "../../protocol.ts";

/** Where the history of attestations is read. */
export interface AttestationHistory {
  readonly protocol: Protocol;
  readonly history: History;
  readonly provider: Pick<Provider, "getBlock">;
  readonly book: Pick<AddressBook, "contracts">;
}

/**
 * By which verifier and which quote a node was attested last, on which platform, and what bound the quote to it.
 *
 * @param count As of when it had been attested so often; its newest attestation by default.
 */
export async function lastAttestation(
  { protocol, history, provider }: Omit<AttestationHistory, "book">,
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

/** What a quorum said of a quote, from its event. */
export async function vouchingOf({ protocol, book, history }: Omit<AttestationHistory, "provider">, quoteHash: string) {
  const { quorumVerifier } = protocol;
  const filter = quorumVerifier.filters.QuoteVouched(book.contracts.nodeRegistry, quoteHash);
  const vouched = (await newestEvent(history, quorumVerifier, filter))?.args;
  if (vouched === undefined) {
    throw new InputError(`Nobody vouched for the quote ${quoteHash}`, "There is nothing to judge or to dispute.");
  }
  return saidIn(vouched);
}

/** What an event says that a quorum said. What it gives is frozen, and contracts do not take it as an argument. */
export function saidIn({
  quoteHash,
  attestation,
  basis,
  signers,
}: ChainEvent<"quorumVerifier", "QuoteVouched">["args"]) {
  const { mrEnclave, mrSigner, isvProdId, isvSvn, platformId, fmspc, tcbStatus, validUntil, launch } = attestation;
  const { collateralHash, evaluationNumber, ca, rootCrlIssuedAt, pckCrlIssuedAt } = basis;
  return {
    attestation: {
      quoteHash,
      mrEnclave,
      mrSigner,
      isvProdId,
      isvSvn,
      platformId,
      fmspc,
      tcbStatus,
      validUntil,
      launch,
    },
    basis: { collateralHash, evaluationNumber, ca, rootCrlIssuedAt, pckCrlIssuedAt },
    signers: [...signers],
  };
}
