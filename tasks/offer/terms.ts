/** What an offer says, as it is signed. */
export interface OfferTerms {
  readonly provider: string;
  readonly nodeId: bigint;
  readonly token: string;
  readonly units: number;
  readonly ratePerSecond: bigint;
  readonly stakeLock: bigint;
  readonly minDeposit: bigint;
  readonly maxFeeBps: number;
  readonly mrEnclave: string;
  readonly enclaveKey: string;
  readonly modelId: number;
  readonly expiry: bigint;
  readonly volume: number;
  readonly taker: string;
  readonly salt: bigint;
}
