import { hexlify, randomBytes } from "ethers";
import { z } from "zod";

import { action } from "../support/action.ts";
import { collateralForQuote } from "../support/collateral.ts";
import { nowOf } from "../support/context.ts";
import { parseId, writeDocument } from "../support/inputs.ts";
import { gatewayOf, type NodeGateway } from "../support/nodeGateway.ts";
import { formatTime } from "../../src/amounts.ts";
import type { FreshQuoteDocument } from "../../src/documents/nodes.ts";
import { ageOfNamedBlock, verifyFreshQuote } from "../../src/enclave/verifyFreshQuote.ts";
import { fetchFreshQuote } from "../../src/gateway/client/freshQuotes.ts";
import { askJson } from "../../src/gateway/client/request.ts";
import { InputError } from "../../src/inputError.ts";
import { toJson } from "../../src/json.ts";
import { bytesOfDigits } from "../../src/sgx/bytes.ts";
import { collateralIn, tcbStatusName, type Collateral, type Hex } from "../../src/sgx/index.ts";
import { lastAttestation } from "../../src/validator/quotes/attestations.ts";

interface Arguments {
  readonly node: string;
  readonly gateway: string | undefined;
  readonly collateral: string | undefined;
  readonly out: string | undefined;
}

/** Checks that a document is the answer to what was asked. */
function checkAnswer(
  document: FreshQuoteDocument,
  asked: Pick<FreshQuoteDocument, "chainId" | "registry" | "nodeId" | "enclaveKey" | "nonce">,
): void {
  for (const [field, expected] of Object.entries(asked)) {
    const found = document[field as keyof typeof asked];
    if (found === expected) continue;
    const problem = `The gateway answers for ${field} ${String(found)} instead of ${String(expected)}`;
    throw new InputError(problem, "Do not rely on it; see where the node's gateway is: `node show`.");
  }
}

/** The collateral from where it was said to be, else what the gateway hands out: it counts by its signatures, whoever sends it. */
async function collateralOf({ collateral }: Arguments, quote: Uint8Array, gateway: NodeGateway): Promise<Collateral> {
  if (collateral !== undefined) return collateralForQuote(quote, collateral, collateral);
  const answer = await askJson(gateway.origin, "/v1/node/collateral", z.unknown(), { fetch: gateway.fetch });
  return collateralIn(new TextEncoder().encode(toJson(answer, 0)));
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, chainId } = context;
  const { nodeRegistry, collateralStore } = protocol;
  const nodeId = parseId(args.node, "node");
  const [node, last, [x, y]] = await Promise.all([
    nodeRegistry.getNode(nodeId),
    lastAttestation(context, nodeId),
    collateralStore.rootKey(),
  ]);
  const gateway = await gatewayOf({ gateway: args.gateway }, context, nodeId);
  const nonce = hexlify(randomBytes(32)) as Hex;
  const place = { chainId: Number(chainId), registry: book.contracts.nodeRegistry, nodeId };
  const document = await fetchFreshQuote(gateway.origin, nonce, { fetch: gateway.fetch });
  checkAnswer(document, { ...place, enclaveKey: node.enclaveKey, nonce });
  const { blockNumber, blockHash } = document;
  const now = await nowOf(context);
  const age = ageOfNamedBlock(document, await context.provider.getBlock(Number(blockNumber)), now);
  const quote = bytesOfDigits(document.quote);
  const { attestation } = verifyFreshQuote(
    {
      ...{ quote, collateral: await collateralOf(args, quote, gateway), time: now },
      root: `${x}${y.slice(2)}` as Hex,
    },
    {
      ...{ terms: { ...place, chainId, nonce, blockNumber, blockHash }, enclaveKey: node.enclaveKey },
      ...{ mrEnclave: node.mrEnclave, platformId: last.platformId },
    },
  );
  const file = args.out ?? `node-${nodeId.toString()}.fresh-quote.json`;
  writeDocument(file, document);
  return {
    data: { valid: true, ...document, attestation, file },
    rows: [
      [
        "Verdict",
        `the enclave of node ${nodeId.toString()} made this quote for you, after block ${blockNumber.toString()}`,
      ],
      ["Nonce", nonce],
      ["Enclave key", document.enclaveKey],
      ["Measurement", attestation.mrEnclave],
      ["Block", `${blockNumber.toString()}, ${age.toString()} seconds old`],
      ["TCB status", tcbStatusName(attestation.tcbStatus)],
      ["Holds until", formatTime(attestation.validUntil)],
      ["Written to", file],
      ["It attests", "no node, and no contract takes it"],
    ],
  };
});
