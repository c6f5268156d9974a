import { hexlify } from "ethers";

import { chunksOf } from "../../../src/gateway/client/chunks.ts";
import { confirmGateway, OrderClient, type ManifestPlace } from "../../../src/gateway/client/index.ts";
import type { OrderView } from "../../../src/facts/order.ts";
import { InputError } from "../../../src/inputError.ts";
import type { ChainContext } from "../chain/network.ts";
import { gatewayOf } from "../node/offers.ts";
import { WalletSigner } from "../wallet/signer.ts";
import type { Connected } from "../wallet/wallet.ts";

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
  const wallet = new WalletSigner(by.wallet.provider, by.account, chain.provider);
  return new OrderClient({ audience, order: Number(orderId), terms: termsHash, account: by.account, wallet });
}

/** The most bytes of a manifest that gateways take. */
const LIMIT = 65_536;

/** An answer's bytes; undefined, and no more of it is fetched, where they are too many. */
async function bytesOf({ body }: Response): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(LIMIT);
  let size = 0;
  for await (const chunk of chunksOf(body)) {
    if (size + chunk.length > LIMIT) return undefined;
    bytes.set(chunk, size);
    size += chunk.length;
  }
  return bytes.slice(0, size);
}

/**
 * Fetches a manifest to learn its SHA-256, so that the gateway deploys exactly what was looked at.
 *
 * @throws {InputError} Where the browser cannot fetch it, such as from a server that lets no other pages read it.
 */
export async function manifestAt(url: string): Promise<ManifestPlace & { readonly text: string }> {
  const remedy = "Give the URL of a YAML file that any page may read (CORS), or deploy with `npx hardhat app deploy`.";
  const response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer" }).catch((cause: unknown) => {
    throw new InputError(`${url} cannot be fetched by this browser`, remedy, { cause });
  });
  if (!response.ok) throw new InputError(`${url} answers with HTTP ${String(response.status)}`, remedy);
  const bytes = await bytesOf(response);
  if (bytes === undefined) throw new InputError(`The manifest has more than ${String(LIMIT)} bytes`, remedy);
  const sha256 = hexlify(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  return { url, sha256, text: new TextDecoder().decode(bytes) };
}
