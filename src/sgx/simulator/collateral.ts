import { createHash } from "node:crypto";

import { utf8, type Hex } from "../bytes.ts";
import type { Collateral } from "../collateral.ts";
import type { PckCaKind } from "../names.ts";
import type { SignedDocument } from "../signedJson.ts";
import { collateralEdits } from "./collateralFlaws.ts";
import { USUAL_QE_LEVELS, USUAL_TCB_LEVELS, writeQeIdentity, writeTcbInfo, type DocumentFrame } from "./documents.ts";
import { edited, type CollateralEdits, type FlawContext } from "./edits.ts";
import { serialFor, type Hierarchy, type Party } from "./hierarchy.ts";
import { signP256 } from "./keys.ts";
import type { CollateralOptions } from "./options.ts";
import { crlExtensions, writeCertificate, writeCrl, type CrlFields } from "./x509.ts";

/** For whom collateral is made. */
export interface CollateralSubject {
  readonly seed: string;
  readonly hierarchy: Hierarchy;
  readonly ca: PckCaKind;
  readonly fmspc: Hex;
  readonly pceId: Hex;
  readonly flawContext: FlawContext;
}

/** The tcbEvaluationDataNumber of simulated documents unless a test asks otherwise. */
export const SIMULATED_EVALUATION_NUMBER = 17;

const HOUR = 3_600n;
const MONTH = 30n * 24n * HOUR;

/** Who signed the simulated quoting enclave, and as what. */
export const QE_MRSIGNER = createHash("sha256").update("simulated quoting enclave's signer").digest("hex");
export const QE_PROD_ID = 1;

function crlOf(party: Party, frame: DocumentFrame, revoked: readonly Uint8Array[]): CrlFields {
  return {
    issuer: party.certificate.subject,
    thisUpdate: frame.issueDate,
    nextUpdate: frame.nextUpdate,
    revoked,
    extensions: crlExtensions(party.keyId),
    signer: party.key,
  };
}

function signText(text: string, signer: Party): SignedDocument {
  return { text, signature: Buffer.from(signP256(signer.key, utf8(text))).toString("hex") };
}

/** Makes a whole set of collateral in Intel's forms, signed by the simulated hierarchy. */
export function makeCollateral(subject: CollateralSubject, options: CollateralOptions): Collateral {
  const { seed, hierarchy, fmspc, pceId } = subject;
  const { root, tcbSigning } = hierarchy;
  const ca = hierarchy.cas[subject.ca];
  const edits = [collateralEdits(options.flaw, subject.flawContext), options.edits ?? {}] as const;
  const edit = <K extends keyof CollateralEdits>(key: K) => edits.map((all) => all[key]);
  const issueDate = options.issueDate ?? subject.flawContext.time - HOUR;
  const nextUpdate = options.nextUpdate ?? issueDate + MONTH;
  const frame = {
    issueDate,
    nextUpdate,
    evaluationDataNumber: options.evaluationDataNumber ?? SIMULATED_EVALUATION_NUMBER,
  };
  const revoked = (label: string, count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => serialFor(seed, `revoked:${label}:${i}`));

  const levels = options.tcbLevels ?? USUAL_TCB_LEVELS;
  const tcbInfo = writeTcbInfo({ ...frame, fmspc: fmspc.slice(2), pceId: pceId.slice(2), levels });
  const qeLevels = options.qeLevels ?? USUAL_QE_LEVELS;
  const qeIdentity = writeQeIdentity({ ...frame, mrSigner: QE_MRSIGNER, isvProdId: QE_PROD_ID, levels: qeLevels });
  const rootCrl = crlOf(root, frame, revoked("root", options.rootCrlEntries ?? 0));
  const pckCrl = crlOf(ca, frame, revoked(subject.ca, options.crlEntries ?? 44));
  const collateral: Collateral = {
    pckCa: writeCertificate(edited(ca.certificate, ...edit("pckCa"))),
    tcbSigning: writeCertificate(edited(tcbSigning.certificate, ...edit("tcbSigning"))),
    rootCrl: writeCrl(edited(rootCrl, ...edit("rootCrl"))),
    pckCrl: writeCrl(edited(pckCrl, ...edit("pckCrl"))),
    tcbInfo: signText(edited(tcbInfo, ...edit("tcbInfo")), tcbSigning),
    qeIdentity: signText(edited(qeIdentity, ...edit("qeIdentity")), tcbSigning),
  };
  return edited(collateral, ...edit("documents"));
}
