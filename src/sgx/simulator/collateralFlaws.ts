import { bool, sequence, smallInteger } from "../derWriter.ts";
import { ExtensionOid } from "../extensions.ts";
import { IntelName } from "../names.ts";
import type { SignedDocument } from "../signedJson.ts";
import { dateText } from "./documents.ts";
import { flipBit, type CollateralEdits, type FlawContext } from "./edits.ts";
import { extension, type CertificateFields, type CrlFields } from "./x509.ts";

type Flaw = (context: FlawContext) => CollateralEdits;

const replace =
  (pattern: string | RegExp, by: string) =>
  (text: string): string =>
    text.replace(pattern, by);

/** Text with its level list changed; the levels are handled as they stand, so the rest keeps Intel's form. */
const withLevels =
  (edit: (levels: unknown[]) => unknown[]) =>
  (text: string): string => {
    const document = JSON.parse(text) as { tcbLevels: unknown[] };
    return JSON.stringify({ ...document, tcbLevels: edit(document.tcbLevels) });
  };

const signedAnew = (document: SignedDocument): SignedDocument => ({
  ...document,
  signature: Buffer.from(flipBit(new Uint8Array(Buffer.from(document.signature, "hex")), 0)).toString("hex"),
});

const nextUpdate = (time: bigint) => replace(/"nextUpdate":"[^"]*"/, `"nextUpdate":"${dateText(time)}"`);
const issueDate = (time: bigint) => replace(/"issueDate":"[^"]*"/, `"issueDate":"${dateText(time)}"`);

/** The same flaws of both signed JSON documents. */
const documentFlaws = (key: "tcbInfo" | "qeIdentity") => ({
  signature: (): CollateralEdits => ({ documents: (all) => ({ ...all, [key]: signedAnew(all[key]) }) }),
  text: (): CollateralEdits => ({
    documents: (all) => ({ ...all, [key]: { ...all[key], text: all[key].text.replace(/\d(?=,"tcbLevels)/, "9") } }),
  }),
  expired: ({ time }: FlawContext): CollateralEdits => ({ [key]: nextUpdate(time - 1n) }),
  notYetValid: ({ time }: FlawContext): CollateralEdits => ({ [key]: issueDate(time + 1n) }),
  space: (): CollateralEdits => ({ [key]: replace(",", ", ") }),
  escape: (): CollateralEdits => ({ [key]: replace("UpToDate", "UpTo\\u0044ate") }),
  extraKey: (): CollateralEdits => ({ [key]: replace('"version"', '"extra":0,"version"') }),
  duplicateKey: (): CollateralEdits => ({
    [key]: replace('"nextUpdate"', '"issueDate":"2020-01-01T00:00:00Z","nextUpdate"'),
  }),
  unknownStatus: (): CollateralEdits => ({ [key]: replace('"OutOfDate"', '"OutOfFashion"') }),
  badDate: (): CollateralEdits => ({ [key]: replace(/"tcbDate":"[^"]*"/, '"tcbDate":"2024-02-30T00:00:00Z"') }),
  leadingZero: (): CollateralEdits => ({ [key]: replace(/"tcbEvaluationDataNumber":/, '"tcbEvaluationDataNumber":0') }),
  order: (): CollateralEdits => ({ [key]: withLevels((levels) => levels.reverse()) }),
  duplicateLevel: (): CollateralEdits => ({ [key]: withLevels((levels) => [...levels, levels.at(-1)]) }),
  noLevels: (): CollateralEdits => ({ [key]: withLevels(() => []) }),
});

const info = documentFlaws("tcbInfo");
const identity = documentFlaws("qeIdentity");

const certificate = (edit: Partial<CertificateFields>) => (fields: CertificateFields) => ({ ...fields, ...edit });
const list = (edit: Partial<CrlFields>) => (fields: CrlFields) => ({ ...fields, ...edit });

/** Basic constraints of a CA that may have another CA below it. */
const DEEPER_CA = extension(ExtensionOid.basicConstraints, true, sequence(bool(true), smallInteger(1)));

const COLLATERAL_FLAWS = {
  caSignature: ({ strangerKey }) => ({ pckCa: certificate({ signer: strangerKey }) }),
  caIssuer: () => ({ pckCa: certificate({ issuer: IntelName.platformCa }) }),
  caSubject: () => ({ pckCa: certificate({ subject: IntelName.root }) }),
  caUsage: () => ({ pckCa: (fields) => ({ ...fields, extensions: fields.extensions.toSpliced(4, 1, DEEPER_CA) }) }),
  caExpired: ({ time }) => ({ pckCa: certificate({ notAfter: time - 1n }) }),
  caNotYetValid: ({ time }) => ({ pckCa: certificate({ notBefore: time + 1n }) }),
  caRevoked: ({ caSerial }) => ({ rootCrl: list({ revoked: [caSerial] }) }),
  caGarbage: () => ({ documents: (all) => ({ ...all, pckCa: flipBit(all.pckCa, 1) }) }),
  caIsTcbSigning: () => ({ documents: (all) => ({ ...all, pckCa: all.tcbSigning }) }),
  tcbSigningSignature: ({ strangerKey }) => ({ tcbSigning: certificate({ signer: strangerKey }) }),
  tcbSigningExpired: ({ time }) => ({ tcbSigning: certificate({ notAfter: time - 1n }) }),
  tcbSigningRevoked: ({ tcbSigningSerial }) => ({ rootCrl: list({ revoked: [tcbSigningSerial] }) }),
  tcbSigningIsCa: () => ({ documents: (all) => ({ ...all, tcbSigning: all.pckCa }) }),

  rootCrlSignature: ({ strangerKey }) => ({ rootCrl: list({ signer: strangerKey }) }),
  rootCrlIssuer: () => ({ rootCrl: list({ issuer: IntelName.platformCa }) }),
  rootCrlExpired: ({ time }) => ({ rootCrl: list({ nextUpdate: time - 1n }) }),
  rootCrlNotYetValid: ({ time }) => ({ rootCrl: list({ thisUpdate: time + 1n }) }),
  pckCrlSignature: ({ strangerKey }) => ({ pckCrl: list({ signer: strangerKey }) }),
  pckCrlIssuer: () => ({ pckCrl: list({ issuer: IntelName.root }) }),
  pckCrlExpired: ({ time }) => ({ pckCrl: list({ nextUpdate: time - 1n }) }),
  pckCrlNotYetValid: ({ time }) => ({ pckCrl: list({ thisUpdate: time + 1n }) }),
  pckCrlGarbage: () => ({ documents: (all) => ({ ...all, pckCrl: flipBit(all.pckCrl, 1) }) }),
  pckCrlNoNumber: () => ({ pckCrl: (fields) => ({ ...fields, extensions: fields.extensions.slice(1) }) }),
  pckRevoked: ({ pckSerial }) => ({ pckCrl: (fields) => ({ ...fields, revoked: [...fields.revoked, pckSerial] }) }),

  tcbInfoSignature: info.signature,
  tcbInfoText: info.text,
  tcbInfoExpired: info.expired,
  tcbInfoNotYetValid: info.notYetValid,
  tcbInfoSpace: info.space,
  tcbInfoEscape: info.escape,
  tcbInfoExtraKey: info.extraKey,
  tcbInfoDuplicateKey: info.duplicateKey,
  tcbInfoUnknownStatus: info.unknownStatus,
  tcbInfoBadDate: info.badDate,
  tcbInfoLeadingZero: info.leadingZero,
  tcbInfoOrder: info.order,
  tcbInfoDuplicateLevel: info.duplicateLevel,
  tcbInfoNoLevels: info.noLevels,
  tcbInfoVersion2: () => ({ tcbInfo: replace('"version":3', '"version":2') }),
  tcbInfoTdx: () => ({ tcbInfo: replace('"id":"SGX"', '"id":"TDX"') }),
  tcbInfoLargeSvn: () => ({ tcbInfo: replace('"svn":255', '"svn":256') }),
  otherFmspc: () => ({ tcbInfo: replace(/"fmspc":"[^"]*"/, '"fmspc":"112233445566"') }),
  otherPceId: () => ({ tcbInfo: replace(/"pceId":"[^"]*"/, '"pceId":"0001"') }),

  qeIdentitySignature: identity.signature,
  qeIdentityText: identity.text,
  qeIdentityExpired: identity.expired,
  qeIdentityNotYetValid: identity.notYetValid,
  qeIdentitySpace: identity.space,
  qeIdentityExtraKey: identity.extraKey,
  qeIdentityDuplicateKey: identity.duplicateKey,
  qeIdentityUnknownStatus: identity.unknownStatus,
  qeIdentityBadDate: identity.badDate,
  qeIdentityOrder: identity.order,
  qeIdentityDuplicateLevel: identity.duplicateLevel,
  qeIdentityNoLevels: identity.noLevels,
  qeIdentityVersion1: () => ({ qeIdentity: replace('"version":2', '"version":1') }),
  qeIdentityTdQe: () => ({ qeIdentity: replace('"id":"QE"', '"id":"TD_QE"') }),
  evaluationNumbers: () => ({ qeIdentity: replace(/"tcbEvaluationDataNumber":\d+/, '"tcbEvaluationDataNumber":18') }),
} as const satisfies Record<string, Flaw>;

/** A way in which simulated collateral can be wrong. */
export type CollateralFlaw = keyof typeof COLLATERAL_FLAWS;

/** Every flaw that simulated collateral can have. */
export const COLLATERAL_FLAW_NAMES = Object.keys(COLLATERAL_FLAWS) as readonly CollateralFlaw[];

/** The changes that make a flaw. */
export function collateralEdits(flaw: CollateralFlaw | undefined, context: FlawContext): CollateralEdits {
  return flaw === undefined ? {} : COLLATERAL_FLAWS[flaw](context);
}
