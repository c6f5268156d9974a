import type { TypedDataDomain } from "ethers";

import type { TypedData, TypedDataSigner } from "./domain.ts";

/** A short token for what an account may send and fetch of one dataset or task, in the domain of gateways. */
export const transferTypes: TypedData<"Transfer"> = {
  Transfer: [
    { name: "account", type: "address" },
    { name: "node", type: "uint256" },
    { name: "gateway", type: "string" },
    { name: "resource", type: "string" },
    { name: "until", type: "uint256" },
  ],
};

/** What a token for transfers says. */
export interface TransferTerms {
  readonly account: string;
  readonly node: number;
  /** The gateway's origin, such as `https://node.example`. */
  readonly gateway: string;
  /** Such as `datasets/1` or `tasks/5`. */
  readonly resource: string;
  /** Unix seconds, at most an hour ahead. */
  readonly until: number;
}

/**
 * Signs a token for transfers.
 *
 * @param domain That of gateways; see `gatewayDomain`.
 * @returns The value of the header `Authorization`.
 */
export async function signTransfer(
  account: TypedDataSigner,
  domain: TypedDataDomain,
  terms: TransferTerms,
): Promise<string> {
  const signature = await account.signTypedData(domain, transferTypes, terms);
  const token = { account: terms.account, resource: terms.resource, until: terms.until, signature };
  const text = btoa(JSON.stringify(token)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `Transfer ${text}`;
}
