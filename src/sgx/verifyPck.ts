import { sameBytes } from "./bytes.ts";
import { parseCertificate, type Certificate } from "./certificate.ts";
import { DerError } from "./der.ts";
import { fail, guard } from "./errors.ts";
import { ExtensionOid } from "./extensions.ts";
import { IntelName } from "./names.ts";
import { parsePem } from "./pem.ts";
import { parseSgxExtension, type SgxExtension } from "./sgxExtension.ts";
import { isSameSigner, signerOf, type VerifiedCollateral } from "./verifyCollateral.ts";
import { checkCertificate, checkNotRevoked, isCaOf, type CertificateRole } from "./x509Checks.ts";

const PCK: CertificateRole = { code: "Pck", label: "the PCK certificate", subject: IntelName.pck, isCa: false };

/** Leaf, CA and root of the quote's PEM chain. */
function parseChain(certificationData: Uint8Array): { leaf: Uint8Array; ca: Certificate; root: Certificate } {
  return guard("CertificationData", "the quote's certificate chain cannot be read", () => {
    const [leaf, ca, root, ...more] = parsePem(Buffer.from(certificationData).toString("latin1"));
    if (leaf === undefined || ca === undefined || root === undefined || more.length > 0) {
      throw new DerError("it does not consist of PCK leaf, CA and root");
    }
    return { leaf, ca: parseCertificate(ca), root: parseCertificate(root) };
  });
}

/** Says early, and in better words than a broken signature would, that a leaf belongs to another root or CA. */
function checkChain(leaf: Certificate, ca: Certificate, root: Certificate, collateral: VerifiedCollateral): void {
  if (!isSameSigner(signerOf(root), collateral.root) || !sameBytes(root.issuer, root.subject)) {
    const key = Buffer.from(root.publicKey).toString("hex");
    fail("QuoteRoot", `the quote's chain ends at "${root.subjectText}" with key ${key}, which is not the trusted root`);
  }
  const known = [IntelName.platformCa, IntelName.processorCa].some((name) => sameBytes(name, leaf.issuer));
  if (!known) fail("PckIssuer", `the PCK certificate is issued by "${leaf.issuerText}"`);
  if (!sameBytes(leaf.issuer, collateral.pckCa.subject)) {
    fail(
      "QuoteCa",
      `the PCK certificate is issued by "${leaf.issuerText}", the collateral is of "${collateral.pckCa.subjectText}"`,
    );
  }
  if (!isSameSigner(signerOf(ca), signerOf(collateral.pckCa))) {
    fail("PckIssuer", `the quote's chain goes over "${ca.subjectText}" with another key than the collateral's CA`);
  }
  // The collateral's certificate of the CA may be another one. A judge without collateral has only the quote's to go by.
  if (!isCaOf(ca, collateral.root)) {
    fail("PckIssuer", `the quote's chain goes over a certificate of "${ca.subjectText}" that the root did not issue`);
  }
}

/** Verifies the PCK leaf in a quote's certification data: check 7 of {@link verifyQuote}. */
export function verifyPck(certificationData: Uint8Array, collateral: VerifiedCollateral, time: bigint): Certificate {
  const chain = parseChain(certificationData);
  const leaf = guard("PckEncoding", "the PCK certificate cannot be read", () => parseCertificate(chain.leaf));
  checkChain(leaf, chain.ca, chain.root, collateral);
  checkCertificate(chain.leaf, PCK, signerOf(collateral.pckCa), time);
  checkNotRevoked(leaf, PCK, collateral.pckCrl);
  return leaf;
}

/** Reads the leaf's SGX extension, which must have the entries of its CA: check 8 of {@link verifyQuote}. */
export function verifyPlatform(leaf: Certificate, collateral: VerifiedCollateral): SgxExtension {
  const extension = leaf.extensions.get(ExtensionOid.sgx);
  if (extension === undefined) fail("SgxExtension", "the PCK certificate has no SGX extension");
  const read = guard("SgxExtension", "the SGX extension cannot be read", () => parseSgxExtension(extension.value));
  if ((read.platform !== undefined) !== (collateral.ca === "platform")) {
    fail(
      "SgxExtension",
      `the SGX extension has ${read.platform ? 7 : 5} entries, which the ${collateral.ca} CA does not issue`,
    );
  }
  return read;
}
