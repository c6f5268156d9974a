import { createPrivateKey, sign, X509Certificate } from "node:crypto";

import { expect } from "chai";

import { concatBytes, sameBytes, toHex, utf8 } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import {
  boolean,
  parseChildren,
  parseDer,
  DerError,
  oid,
  smallUnsigned,
  Tag,
  unsigned,
  utcTime,
  wholeBits,
  type DerNode,
} from "../../../src/sgx/der.ts";
import { bool, der, integer, objectIdentifier, sequence, smallInteger, utcTimeOf } from "../../../src/sgx/derWriter.ts";
import { ExtensionOid } from "../../../src/sgx/extensions.ts";
import { parsePem, writePem } from "../../../src/sgx/pem.ts";
import { parseSignature, verifyP256 } from "../../../src/sgx/p256.ts";
import { parseSgxExtension } from "../../../src/sgx/sgxExtension.ts";
import { deriveKey, derSignature, flipS, signP256 } from "../../../src/sgx/simulator/keys.ts";
import { extension, writeCrl, type CrlFields } from "../../../src/sgx/simulator/x509.ts";
import { REPORT_DATA, simulator, TIME } from "../../fixtures/sgx/simulation.ts";

const bytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits.replaceAll(" ", ""), "hex"));

/** The one element of an encoding, of whatever tag it has. */
const node = (digits: string): DerNode => {
  const encoded = bytes(digits);
  return parseDer(encoded, encoded[0]!, "the element");
};

describe("SGX encodings: DER", () => {
  const refused: Readonly<Record<string, () => unknown>> = {
    "an indefinite length": () => node("30 80 00 00"),
    "a length in too many octets": () => node("30 81 01 00"),
    "a length with a leading zero": () => node("04 82 00 80"),
    "a length of four octets": () => node("04 84 00 00 00 01 00"),
    "a length beyond the end": () => node("04 02 00"),
    "no length at all": () => node("04"),
    "nothing at all": () => parseDer(new Uint8Array(), Tag.Sequence, "it"),
    "a long tag": () => node("1f 01 00"),
    "bytes behind the element": () => node("04 01 00 00"),
    "a half child": () => parseChildren(node("30 01 04")),
    "an empty integer": () => unsigned(node("02 00"), "it"),
    "a negative integer": () => unsigned(node("02 01 80"), "it"),
    "an integer with a leading zero": () => unsigned(node("02 02 00 7f"), "it"),
    "an integer beyond its range": () => smallUnsigned(node("02 02 01 00"), 255, "it"),
    "an integer beyond all range": () => smallUnsigned(node(`02 09 01${"00".repeat(8)}`), 255, "it"),
    "a boolean of 01": () => boolean(node("01 01 01"), "it"),
    "a boolean of two bytes": () => boolean(node("01 02 ff ff"), "it"),
    "an empty boolean": () => boolean(node("01 00"), "it"),
    "a bit string with unused bits": () => wholeBits(node("03 02 01 00"), "it"),
    "an empty bit string": () => wholeBits(node("03 00"), "it"),
    "an empty OID": () => oid(node("06 00"), "it"),
    "an OID with a leading zero": () => oid(node("06 02 80 01"), "it"),
    "an OID of 32 bytes": () => oid(node(`06 20 ${"01".repeat(32)}`), "it"),
    "an OID that is cut off": () => oid(node("06 01 81"), "it"),
    "another tag": () => unsigned(node("04 01 00"), "it"),
    "a missing element": () => unsigned(undefined, "it"),
  };
  for (const [what, run] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(run).to.throw(DerError);
    });
  }

  it("refuses times that are no UTCTime in seconds, or do not exist", () => {
    const time = (text: string): bigint => utcTime(parseDer(der(Tag.UtcTime, utf8(text)), Tag.UtcTime, "it"), "it");
    for (const text of [
      "",
      "2501010000Z",
      "250101000000",
      "250101000000+0000",
      "2501010000000Z",
      "250230000000Z",
      "251301000000Z",
      "250100000000Z",
      "250101240000Z",
      "250101006000Z",
      "250101000060Z",
      "25010100000aZ",
    ]) {
      expect(() => time(text), text).to.throw(DerError);
    }
    expect(time("491231235959Z")).to.equal(2_524_607_999n);
    expect(time("500101000000Z")).to.equal(-631_152_000n);
    expect(time("240229000000Z")).to.equal(1_709_164_800n);
  });

  it("reads what it writes", () => {
    for (const value of [0, 1, 127, 128, 255, 256, 65_535, 2 ** 32 - 1]) {
      const encoded = smallInteger(value);
      expect(smallUnsigned(parseDer(encoded, Tag.Integer, "it"), 2 ** 32, "it")).to.equal(value);
    }
    for (const length of [0, 1, 127, 128, 255, 256, 65_536]) {
      const encoded = der(Tag.OctetString, new Uint8Array(length));
      expect(parseDer(encoded, Tag.OctetString, "it").content.length).to.equal(length);
    }
    expect(utcTime(parseDer(utcTimeOf(TIME), Tag.UtcTime, "it"), "it")).to.equal(TIME);
    expect(toHex(integer(bytes("00 00 80")))).to.equal("0x02020080");
    expect(boolean(parseDer(bool(true), Tag.Boolean, "it"), "it")).to.equal(true);
    expect(oid(parseDer(objectIdentifier("551d0f"), Tag.ObjectIdentifier, "it"), "it")).to.equal("551d0f");
  });
});

describe("SGX encodings: signatures", () => {
  const key = deriveKey("seed", "label");
  const message = utf8("message");

  it("makes signatures that OpenSSL accepts, the same each time, for each of many keys", () => {
    for (let i = 0; i < 20; i++) {
      const one = deriveKey("seed", String(i));
      const signature = signP256(one, message);
      expect(verifyP256(one.publicKey, message, signature)).to.equal(true);
      expect(toHex(signP256(one, message))).to.equal(toHex(signature));
      expect(verifyP256(one.publicKey, message, flipS(signature))).to.equal(true);
      expect(verifyP256(key.publicKey, message, signature)).to.equal(false);
    }
  });

  it("signs as RFC 6979 A.2.5 does", () => {
    const privateKey = 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n;
    const signature = signP256({ privateKey, publicKey: new Uint8Array(64) }, utf8("sample"));
    expect(toHex(signature)).to.equal(
      "0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    );
  });

  it("refuses signatures of the wrong length, of zeros, and keys that are no point", () => {
    const signature = signP256(key, message);
    expect(verifyP256(key.publicKey, message, signature.subarray(1))).to.equal(false);
    expect(verifyP256(key.publicKey, message, new Uint8Array(64))).to.equal(false);
    expect(verifyP256(new Uint8Array(64), message, signature)).to.equal(false);
    expect(verifyP256(new Uint8Array(65), message, signature)).to.equal(false);
  });

  it("reads DER signatures, and only exact ones", () => {
    const signature = signP256(key, message);
    const encoded = derSignature(signature);
    expect(toHex(parseSignature(encoded))).to.equal(toHex(signature));
    const { privateKey } = key;
    const d = Buffer.from(privateKey.toString(16).padStart(64, "0"), "hex").toString("base64url");
    const [x, y] = [key.publicKey.subarray(0, 32), key.publicKey.subarray(32)].map((half) =>
      Buffer.from(half).toString("base64url"),
    );
    const jwk = { kty: "EC", crv: "P-256", d, x: x!, y: y! };
    const theirs = sign("sha256", message, createPrivateKey({ key: jwk, format: "jwk" }));
    expect(verifyP256(key.publicKey, message, parseSignature(new Uint8Array(theirs)))).to.equal(true);
    const long = sequence(integer(new Uint8Array(33).fill(1)), integer(bytes("01")));
    const three = sequence(integer(bytes("01")), integer(bytes("01")), integer(bytes("01")));
    for (const broken of [long, three, concatBytes(encoded, bytes("00")), encoded.subarray(1), new Uint8Array()]) {
      expect(() => parseSignature(broken)).to.throw(DerError);
    }
  });
});

describe("SGX encodings: certificates and revocation lists", () => {
  const platform = simulator.platform();
  const { pckCa, pckCrl } = platform.collateral();

  it("writes certificates that Node's own reader understands", () => {
    const leaf = new X509Certificate(platform.pckCertificate);
    const ca = new X509Certificate(pckCa);
    expect(leaf.subject).to.contain("CN=Intel SGX PCK Certificate");
    expect(leaf.verify(ca.publicKey)).to.equal(true);
    expect(ca.verify(new X509Certificate(simulator.rootCertificate).publicKey)).to.equal(true);
    expect(ca.ca).to.equal(true);
    expect(parseCertificate(platform.pckCertificate).serial).to.equal(leaf.serialNumber.toLowerCase());
  });

  it("reads the SGX extension that it writes", () => {
    const { value } = parseCertificate(platform.pckCertificate).extensions.get(ExtensionOid.sgx)!;
    const sgx = parseSgxExtension(value);
    expect(sgx.tcb).to.deep.equal(platform.tcb);
    expect(sameBytes(sgx.ppid, platform.ppid)).to.equal(true);
    expect(sgx.platform).to.include({ dynamicPlatform: true, cachedKeys: false, smtEnabled: true });
    expect(() => parseSgxExtension(value.subarray(0, -1))).to.throw(DerError);
  });

  const crl = (edit: Partial<CrlFields>): Uint8Array =>
    platform.collateral({ crlEntries: 2, edits: { pckCrl: (fields) => ({ ...fields, ...edit }) } }).pckCrl;

  it("reads a list's serial numbers, and an empty list", () => {
    expect(parseCrl(pckCrl).revoked.size).to.equal(44);
    expect(parseCrl(crl({ revoked: [] })).revoked.size).to.equal(0);
    expect([...parseCrl(crl({ revoked: [bytes("80"), bytes("7f")] })).revoked]).to.deep.equal(["80", "7f"]);
  });

  it("refuses lists with unknown critical extensions, doubled ones, or bad serial numbers", () => {
    const { extensions } = captureCrl();
    const delta = extension("551d1b", true, smallInteger(1));
    expect(() => parseCrl(crl({ extensions: [...extensions, delta] }))).to.throw(DerError, /unknown critical/);
    expect(() => parseCrl(crl({ extensions: [...extensions, ...extensions] }))).to.throw(DerError, /twice/);
    expect(() => parseCrl(crl({ extensions: extensions.slice(0, 1) }))).to.throw(DerError, /lacks/);
    expect(() => parseCrl(crl({ extensions: [] }))).to.throw(DerError, /empty/);
    expect(() => parseCrl(crl({ revoked: [new Uint8Array(21).fill(1)] }))).to.throw(DerError, /21 bytes/);
    expect(() => parseCrl(new Uint8Array(2 ** 18 + 1))).to.throw(DerError, /more than/);
  });

  it("reads 16 extensions of a list and no more", () => {
    const { extensions } = captureCrl();
    const more = Array.from({ length: 15 }, (_, i) => extension(`550${(i + 1).toString(16)}`, false, smallInteger(i)));
    expect(parseCrl(crl({ extensions: [...extensions, ...more.slice(1)] })).revoked.size).to.equal(2);
    expect(() => parseCrl(crl({ extensions: [...extensions, ...more] }))).to.throw(DerError, /too many/);
  });

  it("leaves what is in key ids, addresses and unknown extensions to those who use it", () => {
    const odd = ["551d23", "551d1f", "551d0e"].map((id) => extension(id, false, bytes("ff")));
    const alternativeName = extension("551d11", false, bytes("ff"));
    const { pckCertificate } = simulator.platform({
      editPck: (fields) => ({ ...fields, extensions: [...odd, alternativeName, ...fields.extensions.slice(3)] }),
    });
    expect(parseCertificate(pckCertificate).extensions.size).to.equal(7);
  });

  function captureCrl(): CrlFields {
    let captured: CrlFields | undefined;
    platform.collateral({ edits: { pckCrl: (fields) => (captured = fields) } });
    return captured!;
  }

  it("refuses critical = FALSE spelled out, and extensions that are no list", () => {
    const fields = captureCrl();
    const spelled = sequence(objectIdentifier("551d14"), bool(false), der(Tag.OctetString, smallInteger(1)));
    expect(() => parseCrl(writeCrl({ ...fields, extensions: [spelled] }))).to.throw(DerError, /spells out/);
    expect(() => parseCrl(writeCrl({ ...fields, extensions: [smallInteger(1)] }))).to.throw(DerError);
  });
});

describe("SGX encodings: PEM", () => {
  const [leaf, ca] = [simulator.platform().pckCertificate, simulator.rootCertificate];
  const pem = writePem([leaf, ca]);

  it("reads what it writes, with NUL or CRLF too", () => {
    for (const text of [pem, `${pem}\0`, pem.replaceAll("\n", "\r\n"), pem.trimEnd()]) {
      expect(parsePem(text).map(toHex)).to.deep.equal([toHex(leaf), toHex(ca)]);
    }
  });

  it("finds certificates in whatever surrounds them", () => {
    const texts = [
      `x${pem}`,
      `${pem}x\0\0`,
      pem.replace("-----BEGIN", "\n\n-----BEGIN"),
      pem.replaceAll("-----\n-----", "----------"),
      pem.replaceAll("\n", ""),
      pem.replaceAll("\n", " \t\r\n\n"),
      `-----BEGIN CERTIFICATE-----\n${pem}`,
      `Subject: PCK\n${pem}`,
    ];
    for (const text of texts) expect(parsePem(text).map(toHex), text.slice(0, 40)).to.deep.equal([leaf, ca].map(toHex));
  });

  it("passes over what is no certificate's block", () => {
    const broken = [
      pem.replace("BEGIN CERTIFICATE", "BEGIN PUBLIC KEY"),
      pem.replace("-----END CERTIFICATE-----\n", ""),
      pem.replace("MII", "MI*I"),
      pem.replace("MII", "MII="),
      pem.replace(/=+\n-----END|\n-----END/, "A\n-----END"),
    ];
    for (const text of broken) expect(parsePem(text).map(toHex), text.slice(0, 40)).to.deep.equal([toHex(ca)]);
    for (const text of ["", "\0", "text", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"]) {
      expect(parsePem(text), text).to.deep.equal([]);
    }
  });

  it("is what the simulator's quotes carry: leaf, CA and root, a NUL behind", () => {
    const quote = Buffer.from(simulator.platform().quote({ reportData: REPORT_DATA }));
    const text = quote.subarray(quote.indexOf("-----BEGIN")).toString();
    expect(text.endsWith("\n\0")).to.equal(true);
    expect(parsePem(text)).to.have.length(3);
  });
});
