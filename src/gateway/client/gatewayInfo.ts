import { z } from "zod";

import { askJson, type Ask } from "./request.ts";
import type { Audience } from "../../eip712/access.ts";
import { InputError } from "../../inputError.ts";

const info = z.object({ chainId: z.number(), orderEscrow: z.string(), node: z.number(), origin: z.string() });

/**
 * Makes sure that a gateway is the one that is meant, before anything is sent to it: what is signed for another one is refused anyway, but
 * not before whole files have been sent.
 *
 * @param expected Chain, escrow, node and origin, as the chain and the user know them.
 * @throws {InputError} When it serves another node or platform, or goes by another origin.
 * @throws {GatewayError} When it cannot be reached, or is none.
 */
export async function confirmGateway(expected: Audience, ask: Pick<Ask, "fetch"> = {}): Promise<void> {
  const { gateway, node, chainId, orderEscrow } = expected;
  const found = await askJson(gateway, "/v1/info", info, ask);
  const isOfPlatform = found.chainId === chainId && found.orderEscrow.toLowerCase() === orderEscrow.toLowerCase();
  if (!isOfPlatform || found.node !== node) {
    const platform = isOfPlatform
      ? ""
      : ` of chain ${String(found.chainId)}, where OrderEscrow is ${found.orderEscrow}`;
    throw new InputError(
      `The gateway ${gateway} serves node ${String(found.node)}${platform}, not node ${String(node)} of this platform`,
      `Nothing was sent. \`node show ${String(node)}\` says where the node's gateway is; name another one with --gateway.`,
    );
  }
  if (found.origin === gateway) return;
  throw new InputError(
    `The gateway at ${gateway} goes by ${found.origin}, and takes only what is signed for that`,
    "Name it so with --gateway, if you trust it.",
  );
}
