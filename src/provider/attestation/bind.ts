import type { QuoteDocument } from "../../documents/nodes.ts";
import { dropUnused, keepQuote } from "../../documents/keptQuotes.ts";
import { reportDataOf, type Registration } from "../../enclave/registration.ts";
import type { Hex } from "../../sgx/index.ts";
import { callsOf } from "../calls.ts";
import { Numbered } from "../numbered.ts";
import type { OwnNode, ProviderParts } from "../parts.ts";
import type { NodeView } from "../view.ts";

/** Milliseconds after which a quote that attested nothing is forgotten: no transaction can use it any more. */
const UNUSED = 2 * 3_600_000;

/** Why no block is recent enough for a quote to name. */
export class NoCheckpointError extends Error {
  override readonly name = "NoCheckpointError";
}

/** Why a node's enclave is of no use for it. */
export class EnclaveKeyError extends Error {
  override readonly name = "EnclaveKeyError";
}

/**
 * Makes sure that there is a checkpoint by which a block is recent: while nobody attests for an hour, there is none.
 *
 * @throws {NoCheckpointError} When the chain took none.
 */
async function ensureCheckpoint({ chain, database, sender }: ProviderParts): Promise<void> {
  const oldest = await chain.readAgreed("the oldest block that quotes may name", async ({ nodeRegistry }, { number }) =>
    nodeRegistry.oldestBlock({ blockTag: number }),
  );
  if (oldest !== 0n) return;
  const numbered = new Numbered(database, "checkpoint");
  const transaction = await callsOf(chain.book).nodeRegistry.checkpoint.populateTransaction();
  const outcome = await sender.send({ key: numbered.key, purpose: "record a checkpoint for a quote", transaction });
  numbered.ended(outcome);
  if (outcome.kind !== "mined") throw new NoCheckpointError(`No checkpoint was recorded: ${outcome.kind}`);
}

/** What a node's next quote is to name, with the provider who asks. */
async function nextRegistration({ chain, config, provider }: ProviderParts, nodeId: bigint): Promise<Registration> {
  // A block that a reorganisation takes back would make the quote worthless.
  return chain.readAgreed(
    `the next nonce of node ${nodeId.toString()}`,
    async ({ nodeRegistry }, { number, hash }) => ({
      chainId: BigInt(chain.book.chainId),
      registry: chain.book.contracts.nodeRegistry,
      provider,
      nonce: await nodeRegistry.nonceOf(nodeId, { blockTag: number }),
      blockNumber: BigInt(number),
      blockHash: hash,
    }),
    config.chain.confirmations,
  );
}

/**
 * Has a node's enclave make a quote for the node's next attestation, and keeps it: whatever was vouched for may have to be shown.
 *
 * @throws {EnclaveKeyError} When the enclave has another key than the node.
 * @throws {NoCheckpointError}
 */
export async function newQuote(parts: ProviderParts, node: OwnNode, view: NodeView): Promise<QuoteDocument> {
  if (node.enclave === undefined) throw new EnclaveKeyError(`Node ${node.id.toString()} has no enclave here`);
  await ensureCheckpoint(parts);
  const registration = await nextRegistration(parts, node.id);
  const { enclaveKey, reportData, quote } = await node.enclave.quote(registration);
  if (view.attestations > 0n && enclaveKey !== view.enclaveKey) {
    throw new EnclaveKeyError(
      `The enclave's key is ${enclaveKey}, that of node ${node.id.toString()} is ${view.enclaveKey}`,
    );
  }
  const { chainId, registry, provider, ...binding } = registration;
  if (reportData.toLowerCase() !== reportDataOf(registration, enclaveKey)) {
    throw new EnclaveKeyError(`The enclave of node ${node.id.toString()} made a quote for another registration`);
  }
  const document: QuoteDocument = {
    kind: "sgx-quote",
    ...{ chainId: Number(chainId), registry, nodeId: node.id, enclaveKey, provider },
    binding: { ...binding, blockHash: binding.blockHash as Hex },
    reportData: reportData as Hex,
    quote,
  };
  dropUnused(node.quotes, binding.nonce, parts.now() - UNUSED);
  keepQuote(node.quotes, document);
  return document;
}
