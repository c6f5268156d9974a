import { createHash } from "node:crypto";

import { concatBytes, fromHex, toHex, utf8, type Hex } from "../bytes.ts";
import type { Collateral } from "../collateral.ts";
import { IntelName, type PckCaKind } from "../names.ts";
import { writePem } from "../pem.ts";
import { buildQuote, INTEL_QE_VENDOR, writeSignedBytes, type Quote } from "../quote.ts";
import { AttributeFlag, writeReportBody, type ReportBody } from "../reportBody.ts";
import type { SgxExtension, Tcb } from "../sgxExtension.ts";
import { TcbStatus, type QeStatus } from "../tcbStatus.ts";
import { makeCollateral, QE_MRSIGNER, QE_PROD_ID } from "./collateral.ts";
import { USUAL_QE_LEVELS, USUAL_TCB_LEVELS } from "./documents.ts";
import { edited, type FlawContext } from "./edits.ts";
import {
  certificateOfParty,
  pckCrlUrl,
  serialFor,
  VALID_FROM,
  VALID_UNTIL,
  type Hierarchy,
  type Party,
} from "./hierarchy.ts";
import { deriveBytes, deriveKey, signP256, type SimulatorKey } from "./keys.ts";
import type { CollateralOptions, PlatformOptions, QuoteOptions } from "./options.ts";
import { flawPck } from "./pckFlaws.ts";
import { quoteEdits } from "./quoteFlaws.ts";
import { writeSgxExtension } from "./sgxExtension.ts";
import { certificateExtensions, writeCertificate, type CertificateFields } from "./x509.ts";

/** SVNs below every usual level. */
export const UNSUPPORTED_TCB: Tcb = { components: Array.from({ length: 16 }, () => 0), pceSvn: 0 };

function bytes(value: Hex, length: number, what: string): Uint8Array {
  const decoded = fromHex(value);
  if (decoded?.length !== length) throw new RangeError(`${what} ${value} is not ${length} bytes in hexadecimal`);
  return decoded;
}

function usualTcb(status: TcbStatus): Tcb {
  const level = USUAL_TCB_LEVELS.find((usual) => usual.status === status);
  if (level === undefined) throw new RangeError(`no usual TCB level has status ${status}`);
  return level.tcb;
}

function usualQeSvn(status: QeStatus): number {
  const level = USUAL_QE_LEVELS.find((usual) => usual.status === status);
  if (level === undefined) throw new RangeError(`no usual QE level has status ${status}`);
  return level.isvSvn;
}

/** A platform that quotes as an SGX machine would, and proves nothing about any hardware. */
export class SimulatedPlatform {
  readonly ca: PckCaKind;
  readonly tcb: Tcb;
  /** 16 bytes. */
  readonly ppid: Uint8Array;
  readonly fmspc: Hex;
  readonly pceId: Hex;
  /** DER. */
  readonly pckCertificate: Uint8Array;
  readonly #seed: string;
  readonly #name: string;
  readonly #hierarchy: Hierarchy;
  readonly #pckKey: SimulatorKey;
  readonly #flawContext: FlawContext;

  /** Made by {@link SgxSimulator.platform}. */
  constructor(seed: string, time: bigint, hierarchy: Hierarchy, options: PlatformOptions) {
    this.#seed = seed;
    this.#name = options.name ?? "platform";
    this.#hierarchy = hierarchy;
    this.ca = options.ca ?? "platform";
    this.tcb = options.tcb ?? usualTcb(options.tcbStatus ?? TcbStatus.UpToDate);
    this.ppid = deriveBytes(seed, `ppid:${this.#name}`, 16);
    this.fmspc = options.fmspc ?? "0x00606a000000";
    this.pceId = options.pceId ?? "0x0000";
    const label = `pck:${this.ca}:${this.#name}:${this.tcb.components.join(".")}.${this.tcb.pceSvn}`;
    this.#pckKey = deriveKey(seed, label);
    const keyId = serialFor(seed, label);
    this.#flawContext = {
      time,
      strangerKey: deriveKey(seed, "stranger"),
      pckSerial: keyId,
      caSerial: this.#issuer.keyId,
      tcbSigningSerial: hierarchy.tcbSigning.keyId,
    };
    const fields = flawPck(this.#pckFields(keyId), options.flaw, this.#flawContext);
    this.pckCertificate = writeCertificate(edited(fields, options.editPck));
  }

  get #issuer(): Party {
    return this.#hierarchy.cas[this.ca];
  }

  #pckFields(keyId: Uint8Array): CertificateFields {
    const base = certificateExtensions({ issuerKeyId: this.#issuer.keyId, keyId, crlUrl: pckCrlUrl(this.ca) });
    return {
      serial: keyId,
      issuer: this.#issuer.certificate.subject,
      subject: IntelName.pck,
      notBefore: VALID_FROM,
      notAfter: VALID_UNTIL,
      publicKey: this.#pckKey.publicKey,
      extensions: [...base, writeSgxExtension(this.#sgxExtension())],
      signer: this.#issuer.key,
    };
  }

  #sgxExtension(): SgxExtension {
    const instanceId = deriveBytes(this.#seed, `instance:${this.#name}`, 16);
    return {
      ppid: this.ppid,
      tcb: this.tcb,
      cpuSvn: Uint8Array.from(this.tcb.components),
      pceId: bytes(this.pceId, 2, "PCEID"),
      fmspc: bytes(this.fmspc, 6, "FMSPC"),
      sgxType: this.ca === "platform" ? 1 : 0,
      platform:
        this.ca === "platform" ? { instanceId, dynamicPlatform: true, cachedKeys: false, smtEnabled: true } : undefined,
    };
  }

  #report(fields: Pick<ReportBody, "mrEnclave" | "mrSigner" | "isvProdId" | "isvSvn" | "reportData">): ReportBody {
    const attributes = new Uint8Array(16);
    attributes.set([AttributeFlag.init | AttributeFlag.mode64], 0);
    attributes.set([0xe7], 8);
    return {
      cpuSvn: Uint8Array.from(this.tcb.components),
      miscSelect: new Uint8Array(4),
      isvExtProdId: new Uint8Array(16),
      attributes,
      configId: new Uint8Array(64),
      configSvn: 0,
      isvFamilyId: new Uint8Array(16),
      ...fields,
    };
  }

  #qeReport(attestationKey: SimulatorKey, authData: Uint8Array, status: QeStatus): ReportBody {
    const digest = createHash("sha256").update(attestationKey.publicKey).update(authData).digest();
    const report = this.#report({
      mrEnclave: deriveBytes(this.#seed, "qe:mrEnclave", 32),
      mrSigner: bytes(`0x${QE_MRSIGNER}`, 32, "the QE's MRSIGNER"),
      isvProdId: QE_PROD_ID,
      isvSvn: usualQeSvn(status),
      reportData: concatBytes(digest, new Uint8Array(32)),
    });
    const attributes = new Uint8Array(report.attributes);
    attributes.set([AttributeFlag.init | AttributeFlag.mode64 | AttributeFlag.provisionKey], 0);
    return { ...report, attributes };
  }

  #enclaveReport(options: QuoteOptions): ReportBody {
    const length = options.reportData.length === 66 ? 32 : 64;
    const reportData = new Uint8Array(64);
    reportData.set(bytes(options.reportData, length, "the report data"));
    return this.#report({
      mrEnclave: bytes(options.mrEnclave ?? toHex(deriveBytes("", "mrEnclave", 32)), 32, "MRENCLAVE"),
      mrSigner: bytes(options.mrSigner ?? toHex(deriveBytes("", "mrSigner", 32)), 32, "MRSIGNER"),
      isvProdId: options.isvProdId ?? 1,
      isvSvn: options.isvSvn ?? 1,
      reportData,
    });
  }

  /**
   * Makes a quote as the platform's quoting enclave would.
   *
   * @throws {RangeError} where an option has the wrong length.
   */
  quote(options: QuoteOptions): Uint8Array {
    const { edits = {} } = options;
    const flaw = quoteEdits(options.flaw);
    const keyName = options.attestationKey === undefined ? this.#name : `${this.#name}:${options.attestationKey}`;
    const attestationKey = deriveKey(this.#seed, `attestation:${keyName}`);
    const qeAuthData = Uint8Array.from({ length: 32 }, (_, i) => i);
    const report = edited(this.#enclaveReport(options), flaw.report, edits.report);
    const signed = {
      qeSvn: 0,
      pceSvn: 0,
      qeVendorId: bytes(`0x${INTEL_QE_VENDOR}`, 16, "the QE's vendor id"),
      userData: concatBytes(deriveBytes(this.#seed, `user:${this.#name}`, 16), new Uint8Array(4)),
      report,
    };
    const usual = this.#qeReport(attestationKey, qeAuthData, options.qeStatus ?? TcbStatus.UpToDate);
    const qeReport = edited(usual, flaw.qeReport, edits.qeReport);
    const chain = [this.pckCertificate, certificateOfParty(this.#issuer), certificateOfParty(this.#hierarchy.root)];
    const quote: Quote = {
      ...signed,
      isvSignature: signP256(attestationKey, writeSignedBytes(signed)),
      attestationKey: attestationKey.publicKey,
      qeReport,
      qeReportSignature: signP256(this.#pckKey, writeReportBody(qeReport)),
      qeAuthData,
      certificationData: utf8(`${writePem(chain)}\0`),
    };
    return edited(buildQuote(edited(quote, flaw.quote, edits.quote)), flaw.bytes, edits.bytes);
  }

  /** Makes the collateral by which this platform's quotes are judged. */
  collateral(options: CollateralOptions = {}): Collateral {
    return makeCollateral(
      {
        seed: this.#seed,
        hierarchy: this.#hierarchy,
        ca: this.ca,
        fmspc: this.fmspc,
        pceId: this.pceId,
        flawContext: this.#flawContext,
      },
      options,
    );
  }
}
