import { getAddress } from "ethers";

import type { NodeView } from "./nodeView.ts";
import type { FreshQuoteDocument } from "../../documents/nodes.ts";
import { EnclaveError } from "../../enclave/errors.ts";
import { freshReportDataOf, type FreshQuoteTerms } from "../../enclave/freshQuote.ts";
import type { FreshQuoteAnswer } from "../../enclave/protocol.ts";
import { bytesOfDigits, toHex, type Hex } from "../../sgx/bytes.ts";
import { parseQuote } from "../../sgx/quote.ts";
import { Problem } from "../problems/problem.ts";

/** The node's enclave process, as it makes quotes. */
export interface QuotingEnclave {
  freshQuote(terms: FreshQuoteTerms): Promise<FreshQuoteAnswer>;
}

/**
 * Has the node's enclave make a quote over a nonce, and over the newest block that was read of the chain.
 *
 * @param enclave Undefined where the gateway has no enclave process.
 * @param nonce 32 bytes.
 * @throws {Problem} `no-fresh-quote`, where there is no enclave process, it knows no such quotes, or it is not the node's; `enclave-unreachable`.
 */
export async function makeFreshQuote(
  enclave: QuotingEnclave | undefined,
  {
    chainId,
    contracts,
    node: nodeId,
    block,
    attestation,
  }: Pick<NodeView, "chainId" | "contracts" | "node" | "block" | "attestation">,
  nonce: Hex,
): Promise<FreshQuoteDocument> {
  if (enclave === undefined) throw new Problem("no-fresh-quote", "This gateway has no enclave process");
  const registry = getAddress(contracts.nodeRegistry);
  const place = { registry, nodeId: BigInt(nodeId), nonce };
  const [blockNumber, blockHash] = [BigInt(block.number), (block.hash ?? "").toLowerCase() as Hex];
  const terms = { ...place, chainId: BigInt(chainId), blockNumber, blockHash };
  const { enclaveKey, quote } = await enclave.freshQuote(terms).catch((cause: unknown) => {
    if (cause instanceof EnclaveError && cause.code === "INVALID_REQUEST")
      throw new Problem("no-fresh-quote", "The enclave program makes quotes for attestations alone", { cause });
    throw new Problem("enclave-unreachable", "The enclave process did not give a quote", { cause, retryAfter: 5 });
  });
  if (enclaveKey !== attestation.enclaveKey || !isOver(quote, freshReportDataOf(terms, enclaveKey)))
    throw new Problem("no-fresh-quote", `The enclave process is not the one of node ${String(nodeId)}`);
  return { kind: "fresh-quote", chainId, ...place, enclaveKey, blockNumber, blockHash, quote };
}

/** Whether a quote has some report data. */
function isOver(quote: string, reportData: Hex): boolean {
  try {
    return toHex(parseQuote(bytesOfDigits(quote)).report.reportData) === reportData;
  } catch {
    return false;
  }
}
