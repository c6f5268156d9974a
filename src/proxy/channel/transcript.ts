import { channelOfferDigest, proxyDomain, type ChannelOffer } from "../../eip712/proxy.ts";
import { bytesOfDigits, concatBytes, keccak256, utf8, type Hex } from "../../sgx/bytes.ts";
import { PROXY_VERSION, type Hello, type Offer } from "./messages.ts";

/** What an enclave signs to answer a hello. */
export function offerOf(
  hello: Hello,
  enclaveKey: string,
  { session, key }: Pick<Offer, "session" | "key">,
): ChannelOffer {
  return { nodeId: hello.nodeId, enclaveKey, version: PROXY_VERSION, clientNonce: hello.nonce, session, key };
}

/** What HPKE binds a session's keys to: the offer, and by its domain chain and registry. */
export function channelInfo(hello: Hello, offer: ChannelOffer): Uint8Array {
  const digest = channelOfferDigest(proxyDomain(hello.chainId, hello.registry), offer);
  return concatBytes(utf8(`ComputingPower.Proxy/${PROXY_VERSION}`), bytesOfDigits(digest));
}

/** Hash of all that both sides have chosen for a session: what the account signs. */
export function transcriptOf(info: Uint8Array, encapsulated: Uint8Array): Hex {
  return keccak256(concatBytes(info, encapsulated));
}
