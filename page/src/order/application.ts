import { hexlify } from "ethers";

import { bytesOf } from "../../../src/gateway/client/chunks.ts";
import {
  confirmGateway,
  OrderClient,
  verifyReceipt,
  type ManifestPlace,
  type Receipt,
} from "../../../src/gateway/client/index.ts";
import { contradictionIn, type ReceiptFacts } from "../../../src/gateway/client/receiptFits.ts";
import type { OrderView } from "../../../src/facts/order.ts";
import { InputError } from "../../../src/inputError.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { gatewayOf } from "../node/offers.ts";
import { LONGEST_TOKEN } from "../../../src/eip712/access.ts";
import { WalletSigner } from "../wallet/signer.ts";
import type { Connected } from "../wallet/provider.ts";

/**
 * Signs in at an order's gateway: whom tokens are for is read from the chain, never from the gateway.
 *
 * @throws {InputError} Where it is the gateway of something else.
 * @throws {GatewayError} Where it does not answer.
 */
export async function openClient(chain: ChainContext, order: OrderView, by: Connected): Promise<OrderClient> {
  const { nodeId, orderId, termsHash } = order;
  const url = await chain.protocol.nodeRegistry.urlOf(nodeId);
  const audience = {
    chainId: Number(chain.chainId),
    orderEscrow: chain.config.book.contracts.orderEscrow,
    node: Number(nodeId),
    gateway: gatewayOf(chain, { nodeId, url }),
  };
  await confirmGateway(audience);
  const signedBy = { account: by.account, chainId: chain.chainId };
  const wallet = new WalletSigner(by.wallet.provider, signedBy, chain.provider);
  const signed = { account: by.account, wallet, tokenLife: LONGEST_TOKEN };
  return new OrderClient({ audience, order: Number(orderId), terms: termsHash, ...signed });
}

/**
 * Reads a provider's receipt for an order.
 *
 * @param wanted What it has to be for, where that was asked for on this page.
 * @throws {InputError} For one that its provider has not signed, or that is for another order, node, platform or manifest.
 */
export function receiptFor(
  { chainId, config }: Pick<ChainContext, "chainId" | "config">,
  { provider, nodeId, orderId, termsHash }: Pick<OrderView, "provider" | "nodeId" | "orderId" | "termsHash">,
  document: unknown,
  wanted?: ManifestPlace,
): Receipt {
  const receipt = verifyReceipt(document);
  const wrong = contradictionIn(receipt, {
    ...{ chainId: Number(chainId), orderEscrow: config.book.contracts.orderEscrow },
    ...{ provider: provider, node: Number(nodeId) },
    ...{ order: Number(orderId), terms: termsHash as Receipt["terms"] },
    ...(wanted as ReceiptFacts | undefined),
  });
  if (wrong === undefined) return receipt;
  throw new InputError(`The gateway's receipt is not for what was asked. ${wrong}`, "Do not rely on it.");
}

/** Milliseconds in which a manifest must have come. */
const PATIENCE = 30_000;
/** The most bytes of a manifest that gateways take. */
const LIMIT = 65_536;

/**
 * Fetches a manifest to learn its SHA-256, so that the gateway deploys exactly what was looked at.
 *
 * @throws {InputError} Where the browser cannot fetch it, such as from a server that lets no other pages read it.
 */
export async function manifestAt(url: string): Promise<ManifestPlace & { readonly text: string }> {
  const remedy = "Give the URL of a YAML file that any page may read (CORS), or deploy with `npx hardhat app deploy`.";
  const signal = AbortSignal.timeout(PATIENCE);
  const how = { credentials: "omit", referrerPolicy: "no-referrer", signal } as const;
  const response = await fetch(url, how).catch((cause: unknown) => {
    throw new InputError(`${url} cannot be fetched by this browser`, remedy, { cause });
  });
  if (!response.ok) throw new InputError(`${url} answers with HTTP ${String(response.status)}`, remedy);
  const bytes = await bytesOf(response.body, LIMIT).catch((cause: unknown) => {
    throw new InputError(`${url} did not come whole`, remedy, { cause });
  });
  if (bytes === undefined) throw new InputError(`The manifest has more than ${String(LIMIT)} bytes`, remedy);
  const sha256 = hexlify(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  return { url, sha256, text: new TextDecoder().decode(bytes) };
}
