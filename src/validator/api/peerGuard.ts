import { getAddress, keccak256, type TypedDataDomain } from "ethers";

import { Refusal } from "./problems.ts";
import { signerOfPeerRequest } from "../../eip712/peer.ts";
import type { PresenceStore } from "../store/presences.ts";
import type { Stakes } from "../quorum.ts";

/** Seconds by which the clocks of two validators may differ, and for which a request may be under way. */
const TOLERANCE = 120;

const HEADER = /^Seat (0x[0-9a-fA-F]{40}) (\d{1,12}) (0x[0-9a-f]{64}) (0x[0-9a-f]{64}) (0x[0-9a-fA-F]{130})$/;

/** What a request is checked with. */
export interface PeerGuardOptions {
  /** This validator. */
  readonly own: string;
  /** See `peerDomain`. */
  readonly domain: TypedDataDomain;
  readonly stakes: () => Promise<Stakes>;
  readonly presences: Pick<PresenceStore, "useNonce">;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Who sends a request, and what of it is signed. */
export interface Claimed {
  readonly from: string;
  readonly sentAt: number;
  readonly nonce: string;
  /** keccak256 of the body that is to come. */
  readonly bodyHash: string;
  readonly signature: string;
}

function parseHeader(text: string): Claimed {
  const found = HEADER.exec(text);
  if (found === null) {
    throw new Refusal(
      "unauthenticated",
      "The request has no header `authorization: Seat ADDRESS TIME NONCE BODYHASH SIGNATURE`",
    );
  }
  const [, address = "", time, nonce = "", bodyHash = "", signature = ""] = found;
  return { from: getAddress(address.toLowerCase()), sentAt: Number(time), nonce, bodyHash, signature };
}

/** Takes requests of active validators alone, each once, and only those that were signed for this one. */
export class PeerGuard {
  readonly #options: PeerGuardOptions;

  constructor(options: PeerGuardOptions) {
    this.#options = options;
  }

  /**
   * Makes sure that a validator has signed a request for this one. It is all in the header, so that nobody else has anything read of a body.
   *
   * @returns Who it is, and what it has signed.
   * @throws {Refusal}
   */
  async prove(
    authorization: string | undefined,
    { method, path }: { readonly method: string; readonly path: string },
  ): Promise<Claimed> {
    const { own, domain, now, stakes } = this.#options;
    const claimed = parseHeader(authorization ?? "");
    const { from, sentAt, nonce, bodyHash, signature } = claimed;
    const away = Math.floor(now() / 1000) - sentAt;
    if (Math.abs(away) > TOLERANCE) {
      const which = away > 0 ? `${String(away)} s ago` : `${String(-away)} s in the future`;
      throw new Refusal("wrong-time", `It was signed ${which}, and ${String(TOLERANCE)} s are allowed`);
    }
    if (!(await stakes()).has(from)) throw new Refusal("not-a-validator", `${from} has no seat`);
    const request = { from, to: own, method, path, bodyHash, sentAt, nonce };
    if (signerOfPeerRequest(domain, request, signature) === from) return claimed;
    throw new Refusal("invalid-signature", `It is not signed by ${from} for ${method} ${path} of ${own}`);
  }

  /**
   * Uses a request up that was proven.
   *
   * @throws {Refusal} Where it was taken before.
   */
  use({ nonce }: Claimed): void {
    if (this.#options.presences.useNonce(nonce)) return;
    throw new Refusal("nonce-used", `The nonce ${nonce} was used`);
  }
}

/**
 * Makes sure that a body is the one that was signed.
 *
 * @throws {Refusal}
 */
export function requireBody({ from, bodyHash }: Claimed, body: Uint8Array): void {
  if (keccak256(body) === bodyHash) return;
  throw new Refusal("invalid-signature", `${from} has signed another body than the one that came`);
}
