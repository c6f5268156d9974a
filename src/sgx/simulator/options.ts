import type { Hex } from "../bytes.ts";
import type { PckCaKind } from "../names.ts";
import type { Tcb } from "../sgxExtension.ts";
import type { QeStatus, TcbStatus } from "../tcbStatus.ts";
import type { CollateralFlaw } from "./collateralFlaws.ts";
import type { SimulatedQeLevel, SimulatedTcbLevel } from "./documents.ts";
import type { CollateralEdits, QuoteEdits } from "./edits.ts";
import type { PckFlaw } from "./pckFlaws.ts";
import type { QuoteFlaw } from "./quoteFlaws.ts";
import type { CertificateFields } from "./x509.ts";

/** What a simulated platform is made from. */
export interface PlatformOptions {
  /** Decides the platform's identity (PPID) and keys; `platform` by default. */
  readonly name?: string;
  /** Who issues its PCK certificate; the Platform CA by default. */
  readonly ca?: PckCaKind;
  /** 6 bytes; `0x00606a000000` by default. */
  readonly fmspc?: Hex;
  /** 2 bytes; zero by default. */
  readonly pceId?: Hex;
  /** The status that the usual TCB levels give it; `UpToDate` by default. */
  readonly tcbStatus?: TcbStatus;
  /** Its SVNs themselves, instead of a status. */
  readonly tcb?: Tcb;
  readonly flaw?: PckFlaw;
  /** Any other change to the PCK certificate before it is signed. */
  readonly editPck?: (fields: CertificateFields) => CertificateFields;
}

/** What a simulated quote says. */
export interface QuoteOptions {
  /** 64 bytes, or 32 that zeros follow. */
  readonly reportData: Hex;
  /** 32 bytes; measurements of the simulator's own by default. */
  readonly mrEnclave?: Hex;
  readonly mrSigner?: Hex;
  readonly isvProdId?: number;
  readonly isvSvn?: number;
  /** The status that the usual levels give the quoting enclave; `UpToDate` by default. */
  readonly qeStatus?: QeStatus;
  /** Names another attestation key than the platform's first; a QE makes a new one now and then. */
  readonly attestationKey?: string;
  readonly flaw?: QuoteFlaw;
  /** Any other changes on the way. */
  readonly edits?: QuoteEdits;
}

/** What simulated collateral says. */
export interface CollateralOptions {
  /**
   * Unix seconds; an hour before the simulator's clock by default. Processes that are to make the very same
   * collateral must agree on it, or hand the collateral on as a file.
   */
  readonly issueDate?: bigint;
  /** Unix seconds; 30 days after the issue by default. */
  readonly nextUpdate?: bigint;
  /** 17 by default. */
  readonly evaluationDataNumber?: number;
  readonly tcbLevels?: readonly SimulatedTcbLevel[];
  readonly qeLevels?: readonly SimulatedQeLevel[];
  /** How many other platforms' certificates the PCK CA has revoked; 44 by default. */
  readonly crlEntries?: number;
  /** How many other certificates the Root CA has revoked; none by default. */
  readonly rootCrlEntries?: number;
  readonly flaw?: CollateralFlaw;
  /** Any other changes on the way. */
  readonly edits?: CollateralEdits;
}
