import { sameBytes } from "./bytes.ts";
import { parseCertificate, type Certificate } from "./certificate.ts";
import { certificatesIn, certificatesTo, findLeaf, type Certified } from "./chain.ts";
import { fail, guard } from "./errors.ts";
import { ExtensionOid } from "./extensions.ts";
import { IntelName } from "./names.ts";
import { verifyP256 } from "./p256.ts";
import { parseSgxExtension, type SgxExtension } from "./sgxExtension.ts";
import { signerOf, type VerifiedCollateral } from "./verifyCollateral.ts";
import { checkCertificate, checkNotRevoked, isCaOf, type CertificateRole, type Signer } from "./x509Checks.ts";

const PCK: CertificateRole = { code: "Pck", label: "the PCK certificate", subject: IntelName.pck, isCa: false };

/** The certificate in a quote that its leaf's CA has from the root, found by name and keys: a judge without collateral has only the quote's to go by. */
function checkCa(quote: Certified, leaf: Certificate, root: Signer): void {
  const certificates = certificatesIn(quote);
  const named = certificatesTo(certificates, leaf.issuer);
  if (named.length === 0) fail("CertificationData", `there is no certificate of "${leaf.issuerText}" in the quote`);
  let isIssued = false;
  for (const der of named) {
    const ca = guard("CertificationData", "the CA's certificate in the quote cannot be read", () =>
      parseCertificate(der),
    );
    if (!isCaOf(ca, root)) continue;
    if (verifyP256(ca.publicKey, leaf.tbs, leaf.signature)) return;
    isIssued = true;
  }
  if (isIssued) fail("PckSignature", `the issuer's key did not sign the PCK certificate with serial ${leaf.serial}`);
  checkRoot(certificates, root);
  fail("PckIssuer", `the quote's chain goes over a certificate of "${leaf.issuerText}" that the root did not issue`);
}

/** Says in better words that a chain with another CA is another root's. */
function checkRoot(certificates: readonly Uint8Array[], root: Signer): void {
  for (const der of certificatesTo(certificates, IntelName.root)) {
    const found = guard("CertificationData", "the root's certificate in the quote cannot be read", () =>
      parseCertificate(der),
    );
    const key = Buffer.from(found.publicKey).toString("hex");
    if (sameBytes(found.publicKey, root.publicKey)) return;
    fail(
      "QuoteRoot",
      `the quote's chain ends at "${found.subjectText}" with key ${key}, which is not the trusted root`,
    );
  }
}

/** Says early, and in better words than a broken signature would, that a leaf belongs to another CA. */
function checkIssuer(leaf: Certificate, collateral: VerifiedCollateral): void {
  const known = [IntelName.platformCa, IntelName.processorCa].some((name) => sameBytes(name, leaf.issuer));
  if (!known) fail("PckIssuer", `the PCK certificate is issued by "${leaf.issuerText}"`);
  if (!sameBytes(leaf.issuer, collateral.pckCa.subject)) {
    fail(
      "QuoteCa",
      `the PCK certificate is issued by "${leaf.issuerText}", the collateral is of "${collateral.pckCa.subjectText}"`,
    );
  }
}

/** Verifies the PCK leaf in a quote's certification data: check 7 of {@link verifyQuote}. */
export function verifyPck(quote: Certified, collateral: VerifiedCollateral, time: bigint): Certificate {
  const leaf = findLeaf(quote);
  checkIssuer(leaf, collateral);
  checkCa(quote, leaf, collateral.root);
  checkCertificate(leaf.der, PCK, signerOf(collateral.pckCa), time);
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
