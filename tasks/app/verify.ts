import { action } from "../support/action.ts";
import { readBytes } from "../support/inputs.ts";
import { formatTime } from "../../src/amounts.ts";
import { contradictionIn } from "../../src/gateway/client/receiptFits.ts";
import { verifyReceipt } from "../../src/gateway/deployments/receipts.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";
import { orderTermsHash } from "../../src/terms.ts";

function parsed(file: string): unknown {
  const text = readBytes(file).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`"${file}" is not JSON`, "Give the file that `app deploy` wrote.", { cause });
  }
}

export default action(async ({ receipt: file }: { receipt: string }, { protocol, book, chainId }) => {
  const receipt = verifyReceipt(parsed(file));
  const order = await protocol.orderEscrow.getOrder(receipt.order);
  const provider = await protocol.nodeRegistry.providerOf(receipt.node);
  const wrong = contradictionIn(receipt, {
    ...{ chainId: Number(chainId), orderEscrow: book.contracts.orderEscrow, provider },
    ...{ node: Number(order.terms.nodeId), terms: orderTermsHash(order) as Hex },
  });
  if (wrong !== undefined)
    throw new InputError(`The receipt "${file}" does not fit the chain. ${wrong}`, "Do not rely on it.");
  return {
    data: { valid: true, receipt },
    rows: [
      ["Receipt", `signed by ${receipt.provider}, the provider of node ${String(receipt.node)}`],
      ["Order", `${String(receipt.order)} of ${order.user}`],
      ["Manifest", `${receipt.url}, SHA-256 ${receipt.sha256}`],
      ...receipt.images.map((image) => ["Image", image] as const),
      ...receipt.endpoints.map((endpoint) => ["Reached at", endpoint] as const),
      ["Deployed", formatTime(BigInt(receipt.deployedAt))],
      ["It proves", "what the provider has promised to run; what runs, only an attested enclave can show"],
    ],
  };
});
