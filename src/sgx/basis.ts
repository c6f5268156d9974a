import type { Hex } from "./bytes.ts";
import { collateralHash, type Collateral } from "./collateral.ts";
import type { Crl } from "./crl.ts";
import type { PckCaKind } from "./names.ts";

/** The Solidity struct `CollateralBasis`: which collateral a quote was judged by, and how new that was. */
export interface CollateralBasis {
  /** Of its six documents and the signatures of the two JSON ones. */
  readonly collateralHash: Hex;
  /** Its tcbEvaluationDataNumber. */
  readonly evaluationNumber: number;
  /** The PCK CA whose list it has, as the contracts number them: 0 Platform, 1 Processor. */
  readonly ca: number;
  /** Unix seconds at which the Root CA's list was issued. */
  readonly rootCrlIssuedAt: bigint;
  /** Unix seconds at which the PCK CA's list was issued. */
  readonly pckCrlIssuedAt: bigint;
}

/** What of verified collateral its basis says. */
interface Read {
  readonly ca: PckCaKind;
  readonly rootCrl: Pick<Crl, "thisUpdate">;
  readonly pckCrl: Pick<Crl, "thisUpdate">;
  readonly tcbInfo: { readonly evaluationDataNumber: number };
}

/** The basis of collateral that has been read. */
export function basisOf(collateral: Collateral, { ca, rootCrl, pckCrl, tcbInfo }: Read): CollateralBasis {
  return {
    collateralHash: collateralHash(collateral),
    evaluationNumber: tcbInfo.evaluationDataNumber,
    ca: ca === "platform" ? 0 : 1,
    rootCrlIssuedAt: rootCrl.thisUpdate,
    pckCrlIssuedAt: pckCrl.thisUpdate,
  };
}
