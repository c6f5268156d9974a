import type { ICollateralStore } from "../bindings.ts";
import { keccak256, toHex } from "../sgx/bytes.ts";
import { parseCertificate } from "../sgx/certificate.ts";
import { findCaDer } from "../sgx/chain.ts";
import { parseQuote } from "../sgx/quote.ts";
import { caNumberOf, type PlatformFamily } from "./family.ts";

/** What the store keeps of the key in a certificate of a PCK CA or of TCB Signing. */
export interface HeldIssuer {
  /** Which of the subject's keys it is, from 1; 0 where no certificate of it was stored. */
  readonly generation: number;
  /** Unix seconds from which the certificate that is kept holds. */
  readonly issued: bigint;
  /** Unix seconds; the last one at which it holds, 0 where it is missing or revoked. */
  readonly until: bigint;
}

/**
 * Looks up the key in a certificate.
 *
 * @param der The certificate of a PCK CA or of TCB Signing; nothing is verified.
 */
export async function issuerHeld(store: ICollateralStore, der: Uint8Array): Promise<HeldIssuer> {
  const { subject, publicKey } = parseCertificate(der);
  const key = toHex(publicKey);
  const held = await store.issuerOf(keccak256(subject), key.slice(0, 66), `0x${key.slice(66)}`);
  const { generation, notBefore, notAfter, isRevoked } = held;
  return { generation: Number(generation), issued: notBefore, until: isRevoked ? 0n : notAfter };
}

/** Which of its CA's keys signed a quote's PCK certificate, by the CA's certificate in the quote; 0 where the chain does not know it. */
export async function generationOfQuote(store: ICollateralStore, quote: Uint8Array): Promise<number> {
  const { generation } = await issuerHeld(store, findCaDer(parseQuote(quote)));
  return generation;
}

/**
 * Which of its CA's keys a family is looked at under where neither quote nor documents say: the newest under which its documents hold,
 * else the newest.
 */
export async function usualGeneration(store: ICollateralStore, family: PlatformFamily, now: bigint): Promise<number> {
  const ca = caNumberOf(family);
  const newest = Number(await store.caKeyCount(ca));
  for (let generation = newest; generation > 1; generation--) {
    const { pckCa, pckCrl } = await store.healthOf(ca, generation, family.fmspc, family.pceId, 0);
    if (pckCa >= now && pckCrl >= now) return generation;
  }
  return newest === 0 ? 0 : 1;
}
