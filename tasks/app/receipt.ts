import type { Session } from "./session.ts";
import type { ManifestPlace } from "../../src/gateway/client/orderClient.ts";
import { contradictionIn } from "../../src/gateway/client/receiptFits.ts";
import { verifyReceipt, type Receipt } from "../../src/gateway/deployments/receipts.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/** What of a session a receipt has to fit. */
type Place = Pick<Session, "chainId" | "orderEscrow" | "provider" | "node" | "origin" | "order" | "terms">;

/**
 * Reads a provider's receipt for a manifest that was asked for. Which of the requests for it the receipt names is open: who asks for the same again gets
 * the receipt that there is.
 *
 * @param document As the gateway gave it.
 * @throws {InputError} For one that the provider has not signed, or that is for anything else than was asked.
 */
export function receiptFor(document: unknown, place: Place, { url, sha256 }: ManifestPlace): Receipt {
  const receipt = verifyReceipt(document);
  const { chainId, orderEscrow, provider, node, origin: gateway, order, terms } = place;
  const wrong = contradictionIn(receipt, {
    ...{ chainId, orderEscrow, provider, node: Number(node), gateway, order, terms: terms as Hex },
    ...{ url, sha256: sha256 as Hex },
  });
  if (wrong === undefined) return receipt;
  const remedy = "Do not rely on it: the gateway runs something, but has not signed for what was asked.";
  throw new InputError(`The gateway's receipt is not for this deployment. ${wrong}`, remedy);
}
