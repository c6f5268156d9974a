import { hexlify, randomBytes } from "ethers";

import { proxyDomain, signerOfChannelOffer } from "../../eip712/proxy.ts";
import type { AttestedEnclave } from "../../data/attestedEnclave.ts";
import { bytesOfDigits, type Hex } from "../../sgx/bytes.ts";
import { ProxyError } from "../errors.ts";
import { FrameOpener, FrameSealer, type Content } from "./frames.ts";
import { keysTo, type ChannelKeys } from "./keys.ts";
import {
  encodeClientMessage,
  parseEnclaveMessage,
  PROXY_VERSION,
  type ClientMessage,
  type EnclaveMessage,
  type Hello,
  type Refusal,
} from "./messages.ts";
import { channelInfo, offerOf, transcriptOf } from "./transcript.ts";

/** Carries a message to a node's enclave and its answer back. It may lie in every byte. */
export type Carrier = (message: Uint8Array) => Promise<Uint8Array>;

/** A refusal in the clear is the host's word, whoever made it. */
const notSealed = ({ code }: Refusal): ProxyError =>
  new ProxyError(
    "NOT_SEALED",
    `The node answered in the clear, with the code ${code}, and nothing proves that the enclave did`,
  );

/** The client's end of a channel that ends in an enclave whose quote was verified. One question at a time. */
export class ClientChannel {
  /** Hash of all that was chosen for the session. */
  readonly transcript: Hex;
  readonly #carry: Carrier;
  readonly #session: Uint8Array;
  readonly #sealer: FrameSealer;
  readonly #opener: FrameOpener;
  /** What the first message has besides its frame. */
  #encapsulated: Uint8Array | undefined;
  #failure: ProxyError | undefined;
  #isAsking = false;

  private constructor(
    carry: Carrier,
    parts: { session: Uint8Array; keys: ChannelKeys; encapsulated: Uint8Array; transcript: Hex },
  ) {
    this.transcript = parts.transcript;
    this.#carry = carry;
    this.#session = parts.session;
    this.#encapsulated = parts.encapsulated;
    this.#sealer = new FrameSealer(parts.keys.toEnclave, parts.session);
    this.#opener = new FrameOpener(parts.keys.toClient, parts.session);
  }

  /**
   * Agrees with an enclave on a session.
   *
   * @param enclave Whose quote was verified, by the owner's policy: nobody else can be at the other end.
   * @throws {ProxyError} MESSAGE_FORM, NOT_SEALED, OTHER_ENCLAVE; and whatever the carrier throws.
   */
  static async open(carry: Carrier, enclave: AttestedEnclave): Promise<ClientChannel> {
    const { chainId, registry, node } = enclave;
    const nonce = hexlify(randomBytes(32)) as Hex;
    const hello: Hello = { version: PROXY_VERSION, chainId, registry, nodeId: node.nodeId, nonce };
    const answer = parseEnclaveMessage(await carry(encodeClientMessage({ kind: "hello", hello })));
    if (answer.kind === "refusal") throw notSealed(answer.refusal);
    const refused = (cause?: unknown): ProxyError => {
      const what = `What answered in the name of node ${node.nodeId.toString()} is not its enclave ${node.enclaveKey}`;
      return new ProxyError("OTHER_ENCLAVE", what, { cause });
    };
    if (answer.kind !== "offer") throw refused();
    const offer = offerOf(hello, node.enclaveKey, answer.offer);
    const signer = signerOfChannelOffer(proxyDomain(chainId, registry), offer, answer.offer.signature);
    if (signer !== node.enclaveKey) throw refused();
    const info = channelInfo(hello, offer);
    const { encapsulated, keys } = await keysTo(bytesOfDigits(offer.key), info).catch((cause: unknown) => {
      throw refused(cause);
    });
    const transcript = transcriptOf(info, encapsulated);
    return new ClientChannel(carry, { session: bytesOfDigits(offer.session), keys, encapsulated, transcript });
  }

  /**
   * Asks the enclave and waits for its answer.
   *
   * @throws {ProxyError} CHANNEL_BROKEN, NOT_SEALED, MESSAGE_FORM, after which the channel is of no more use; and what the carrier throws.
   */
  async ask(content: Content): Promise<Content> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isAsking) throw new Error("A channel takes one question at a time");
    this.#isAsking = true;
    try {
      return this.#opened(parseEnclaveMessage(await this.#carry(encodeClientMessage(this.#sealed(content)))));
    } catch (error) {
      this.#failure =
        error instanceof ProxyError
          ? error
          : new ProxyError("CHANNEL_BROKEN", "The session ended when a message was not answered", { cause: error });
      throw error;
    } finally {
      this.#isAsking = false;
    }
  }

  #sealed(content: Content): ClientMessage {
    const [session, encapsulated] = [this.#session, this.#encapsulated];
    const frame = this.#sealer.seal(content);
    this.#encapsulated = undefined;
    return encapsulated === undefined
      ? { kind: "next", session, frame }
      : { kind: "begin", session, encapsulated, frame };
  }

  #opened(message: EnclaveMessage): Content {
    if (message.kind === "sealed") return this.#opener.open(message.frame);
    if (message.kind === "refusal") throw notSealed(message.refusal);
    throw new ProxyError("CHANNEL_BROKEN", "The node answered with another session's offer");
  }
}
