import { randomBytes } from "node:crypto";

import { SigningKey, computeAddress } from "ethers";

import { channelOfferDigest, proxyDomain, type ChannelOffer } from "../../eip712/proxy.ts";
import { toHex, type Hex } from "../../sgx/bytes.ts";
import { ProxyError } from "../errors.ts";
import { FrameOpener, FrameSealer, type Content } from "./frames.ts";
import { makeChannelKeyPair, type ChannelKeyPair, type ChannelKeys } from "./keys.ts";
import { SESSION_SIZE, type Hello, type Offer } from "./messages.ts";
import { channelInfo, offerOf, transcriptOf } from "./transcript.ts";

/** The node that a session is with, as client and enclave have agreed. The enclave knows no chain: it is what both sign. */
export interface ProxyPlace {
  readonly chainId: bigint;
  /** NodeRegistry's address. */
  readonly registry: string;
  readonly nodeId: bigint;
}

/** The enclave's end of a session. */
export class EnclaveChannel {
  readonly place: ProxyPlace;
  /** Hash of all that was chosen for the session. */
  readonly transcript: Hex;
  readonly #sealer: FrameSealer;
  readonly #opener: FrameOpener;

  constructor(place: ProxyPlace, transcript: Hex, keys: ChannelKeys, session: Uint8Array) {
    this.place = place;
    this.transcript = transcript;
    this.#opener = new FrameOpener(keys.toEnclave, session);
    this.#sealer = new FrameSealer(keys.toClient, session);
  }

  /** @throws {ProxyError} CHANNEL_BROKEN, after which the session has to be let go. */
  open(frame: Uint8Array): Content {
    return this.#opener.open(frame);
  }

  /**
   * Seals an answer.
   *
   * @param least The size of its frame at least, in bytes.
   * @throws {ProxyError} MESSAGE_FORM for a content that is too long.
   */
  seal(content: Content, least?: number): Uint8Array {
    return this.#sealer.seal(content, least);
  }
}

interface Pending {
  readonly hello: Hello;
  readonly offer: ChannelOffer;
  readonly session: Uint8Array;
  readonly pair: ChannelKeyPair;
}

/** The most offers that are open at once: the oldest is withdrawn for one more. */
const MAX_OFFERS = 256;

/** Makes offers, each of which begins one session at most. */
export class ChannelOffers {
  readonly #key: SigningKey;
  readonly #enclaveKey: string;
  readonly #pending = new Map<string, Pending>();

  /** @param key The enclave's private key. */
  constructor(key: Uint8Array) {
    this.#key = new SigningKey(key);
    this.#enclaveKey = computeAddress(this.#key);
  }

  /** Answers a hello. */
  async offer(hello: Hello): Promise<Offer> {
    const pair = await makeChannelKeyPair();
    const session = new Uint8Array(randomBytes(SESSION_SIZE));
    const names = { session: toHex(session), key: toHex(pair.publicKey) };
    const offer = offerOf(hello, this.#enclaveKey, names);
    const digest = channelOfferDigest(proxyDomain(hello.chainId, hello.registry), offer);
    const [oldest] = this.#pending.keys();
    if (oldest !== undefined && this.#pending.size >= MAX_OFFERS) this.#pending.delete(oldest);
    this.#pending.set(names.session, { hello, offer, session, pair });
    return { ...names, signature: this.#key.sign(digest).serialized as Hex };
  }

  /**
   * Begins the session of an offer, which is used up by that whatever comes of it.
   *
   * @throws {ProxyError} UNKNOWN_SESSION, CHANNEL_BROKEN.
   */
  async begin(session: Uint8Array, encapsulated: Uint8Array): Promise<EnclaveChannel> {
    const name = toHex(session);
    const pending = this.#pending.get(name);
    if (pending === undefined)
      throw new ProxyError("UNKNOWN_SESSION", `No session ${name} was offered, or it has begun`);
    this.#pending.delete(name);
    const info = channelInfo(pending.hello, pending.offer);
    const keys = await pending.pair.keysFor(encapsulated, info).catch((cause: unknown) => {
      throw new ProxyError("CHANNEL_BROKEN", "The encapsulated key is no point of X25519", { cause });
    });
    const { chainId, registry, nodeId } = pending.hello;
    return new EnclaveChannel({ chainId, registry, nodeId }, transcriptOf(info, encapsulated), keys, pending.session);
  }
}
