import { isHexString, TypedDataEncoder, verifyTypedData, type TypedDataDomain } from "ethers";
import { z } from "zod";

import type { ReceiptContent, SignedRequest } from "./parts.ts";
import type { TypedDataSigner } from "../../eip712/domain.ts";
import { deployTypes, gatewayDomain, receiptTypes, signReceiptMessage } from "../../eip712/gateway.ts";
import { forms } from "../../forms.ts";
import { InputError } from "../../inputError.ts";

/** A provider's signed statement of what it has deployed: what the user keeps. */
export const receiptDocument = z.strictObject({
  kind: z.literal("deployment-receipt"),
  chainId: z.number().int().positive(),
  /** OrderEscrow's address. */
  orderEscrow: forms.address,
  provider: forms.address,
  node: z.number().int().positive(),
  /** The gateway's origin. */
  gateway: z.string(),
  order: z.number().int().positive(),
  /** Hash of the order's terms. */
  terms: forms.hash,
  url: z.string(),
  /** Of the manifest. */
  sha256: forms.hash,
  /** The images that run, by digest. */
  images: z.array(z.string()),
  endpoints: z.array(z.string()),
  /** Unix seconds. */
  deployedAt: z.number().int().positive(),
  /** EIP-712 hash of the user's request. */
  request: forms.hash,
  /** The provider's, 65 bytes. */
  signature: z.string().refine((text): boolean => isHexString(text, 65), "not a signature of 65 bytes"),
});
/** A receipt; see {@link receiptDocument}. */
export type Receipt = z.infer<typeof receiptDocument>;

/** Where a gateway stands, for what is signed by it and for it. */
export interface Place {
  readonly chainId: number;
  /** OrderEscrow's address. */
  readonly orderEscrow: string;
  readonly node: number;
  /** The gateway's origin. */
  readonly gateway: string;
}

type Content = Omit<Receipt, "kind" | "chainId" | "orderEscrow" | "signature">;

function domainOf({ chainId, orderEscrow }: Pick<Place, "chainId" | "orderEscrow">): TypedDataDomain {
  return gatewayDomain(BigInt(chainId), orderEscrow);
}

/** Signs a receipt in the provider's name; see DeploymentParts. */
export async function signReceipt(
  provider: TypedDataSigner & { getAddress(): Promise<string> },
  place: Place,
  { order, terms, url, sha256, images, endpoints, deployedAt, request }: ReceiptContent,
): Promise<Receipt> {
  const { chainId, orderEscrow, node, gateway } = place;
  const content: Content = {
    ...{ provider: await provider.getAddress(), node, gateway, order, url },
    ...{ images: [...images], endpoints: [...endpoints], deployedAt },
    terms: forms.hash.parse(terms),
    sha256: forms.hash.parse(`0x${sha256}`),
    request: forms.hash.parse(request),
  };
  const signature = await signReceiptMessage(provider, domainOf(place), content);
  return { kind: "deployment-receipt", chainId, orderEscrow: forms.address.parse(orderEscrow), ...content, signature };
}

/**
 * Checks a receipt by itself: that it has its form, and that the provider that it names has signed all of it. Whether that is the node's
 * provider, and the order one of the user's, the chain says.
 *
 * @param document As it was kept, parsed from JSON.
 * @throws {InputError} For another form, or a signature that is not the provider's.
 */
export function verifyReceipt(document: unknown): Receipt {
  const { success, data, error } = receiptDocument.safeParse(document);
  if (!success) {
    const where = error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");
    throw new InputError(`This is not a receipt: ${where}`, "Give the file as `app deploy` has written it.");
  }
  const signer = signerOf(data);
  if (signer === data.provider) return data;
  const found = signer ?? "nobody";
  throw new InputError(
    `The receipt names the provider ${data.provider}, but what it says was signed by ${found}`,
    "It was changed, or never given out: do not rely on it. Ask the gateway for it again.",
  );
}

function signerOf(receipt: Receipt): string | undefined {
  const { provider, node, gateway, order, terms, url, sha256, images, endpoints, deployedAt, request } = receipt;
  const content = { provider, node, gateway, order, terms, url, sha256, images, endpoints, deployedAt, request };
  try {
    return verifyTypedData(domainOf(receipt), receiptTypes, content, receipt.signature);
  } catch {
    return undefined;
  }
}

/** What a user signs to have a manifest deployed, as EIP-712 has it. */
export function deployMessage({ node, gateway }: Pick<Place, "node" | "gateway">, request: SignedRequest): Record<string, unknown> {
  const { account, order, terms, url, sha256, nonce, until } = request;
  return { account, node, gateway, order, terms, url, sha256: `0x${sha256}`, nonce, until };
}

/** The EIP-712 hash of a request to deploy at a gateway. */
export function deployDigest(place: Place, request: SignedRequest): string {
  return TypedDataEncoder.hash(domainOf(place), deployTypes, deployMessage(place, request));
}
