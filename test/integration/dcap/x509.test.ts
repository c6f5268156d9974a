import { createHash } from "node:crypto";

import { expect } from "chai";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { revertDataOf } from "../../../src/errors.ts";
import { keccak256, toHex } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import { ExtensionOid } from "../../../src/sgx/extensions.ts";
import { IntelName } from "../../../src/sgx/names.ts";
import { parsePem } from "../../../src/sgx/pem.ts";
import { parseQuote } from "../../../src/sgx/quote.ts";
import { parseSgxExtension } from "../../../src/sgx/sgxExtension.ts";
import type { X509Harness } from "../../../types/ethers-contracts/index.ts";
import { DER_MUTATIONS, mutate } from "../../fixtures/sgx/derMutations.ts";
import { Random } from "../../fixtures/random.ts";
import { simulator } from "../../fixtures/sgx/simulation.ts";
import { itWithVector, reportVectors, vectorBytes } from "../../fixtures/sgx/vectors.ts";

const V3 = "v3-sgx-00606a-platform";

/** Of each kind and document; a deep run takes more. */
const MUTATIONS = Number(process.env.DCAP_MUTATIONS ?? 12);
const MUTATION_SEED = 20_260_716;

/** Compares every field of a struct, arrays as what they hold. */
function expectFields<T extends object>(what: string, struct: T, expected: Partial<Record<keyof T, unknown>>): void {
  const found = Object.keys(expected).map((key) => [key, struct[key as keyof T]] as const);
  const plain = found.map(([key, value]) => [key, Array.isArray(value) ? Array.from<unknown>(value) : value] as const);
  expect(Object.fromEntries(plain), what).to.deep.equal(expected);
}

/** Times before 1970 are 0 on chain. */
const onChain = (seconds: bigint): bigint => (seconds < 0n ? 0n : seconds);
const halves = (bytes: Uint8Array): [string, string] => [toHex(bytes.subarray(0, 32)), toHex(bytes.subarray(32))];
const sha256 = (bytes: Uint8Array): string => `0x${createHash("sha256").update(bytes).digest("hex")}`;

describe("DCAP on chain: certificates and revocation lists", function () {
  this.timeout(600_000);
  let connection: NetworkConnection;
  let harness: X509Harness;
  const costs = new Map<string, bigint>();

  before(async () => {
    connection = await hre.network.create();
    harness = await connection.ethers.deployContract("X509Harness");
  });
  after(async () => {
    for (const [what, gas] of costs) console.log(`    gas: ${what} ${gas}`);
    reportVectors();
    await connection.close();
  });

  async function compareCertificate(what: string, der: Uint8Array): Promise<void> {
    const expected = parseCertificate(der);
    const [certificate, used] = await harness.readCertificate(der);
    const [x, y] = halves(expected.publicKey);
    const [r, s] = halves(expected.signature);
    const sgx = expected.extensions.get(ExtensionOid.sgx)?.value;
    const usage = toHex(expected.extensions.get(ExtensionOid.keyUsage)!.value);
    expectFields(what, certificate, {
      issuer: keccak256(expected.issuer),
      subject: keccak256(expected.subject),
      serial: BigInt(`0x${expected.serial}`),
      notBefore: onChain(expected.notBefore),
      notAfter: onChain(expected.notAfter),
      x,
      y,
      digest: sha256(expected.tbs),
      r,
      s,
      isCa: usage === "0x03020106",
      sgxOffset: BigInt(sgx === undefined ? 0 : sgx.byteOffset - der.byteOffset),
      sgxLength: BigInt(sgx?.length ?? 0),
    });
    costs.set(what, used);
    if (sgx !== undefined) await compareSgxExtension(what, sgx);
  }

  async function compareSgxExtension(what: string, value: Uint8Array): Promise<void> {
    const expected = parseSgxExtension(value);
    const [platform, used] = await harness.readSgxExtension(value);
    expectFields(what, platform, {
      ppid: toHex(expected.ppid),
      components: toHex(Uint8Array.from(expected.tcb.components)),
      pceSvn: BigInt(expected.tcb.pceSvn),
      pceId: toHex(expected.pceId),
      fmspc: toHex(expected.fmspc),
      isMultiPackage: expected.platform !== undefined,
    });
    costs.set(`${what}, SGX extension`, used);
  }

  async function compareCrl(what: string, der: Uint8Array, entries: number): Promise<void> {
    const expected = parseCrl(der);
    const [crl, used] = await harness.readCrl(der);
    const [r, s] = halves(expected.signature);
    expect(expected.revoked.size, what).to.equal(entries);
    expectFields(what, crl, {
      issuer: keccak256(expected.issuer),
      thisUpdate: onChain(expected.thisUpdate),
      nextUpdate: onChain(expected.nextUpdate),
      revoked: [...expected.revoked].map((serial) => BigInt(`0x${serial}`)),
      digest: sha256(expected.tbs),
      r,
      s,
    });
    costs.set(what, used);
  }

  it("knows Intel's names", async () => {
    const { root, platformCa, processorCa, tcbSigning, pck } = IntelName;
    const expected = [root, platformCa, processorCa, tcbSigning, pck].map(keccak256);
    expect([...(await harness.names())]).to.deep.equal(expected);
  });

  for (const ca of ["platform", "processor"] as const) {
    it(`reads what the TypeScript reader reads in the simulator's documents of the ${ca} CA`, async () => {
      const platform = simulator.platform({ ca });
      const documents = platform.collateral({ rootCrlEntries: 1 });
      await compareCertificate(`${ca} CA`, documents.pckCa);
      await compareCertificate("TCB Signing", documents.tcbSigning);
      await compareCertificate(`leaf of the ${ca} CA`, platform.pckCertificate);
      await compareCrl("root CRL, 1 entry", documents.rootCrl, 1);
      for (const entries of [0, 1, 44, 129]) {
        await compareCrl(`CRL of ${entries}`, platform.collateral({ crlEntries: entries }).pckCrl, entries);
      }
    });
  }

  /** Whether the contract reads a document; anything but a typed error fails the test. */
  async function isRead(
    read: () => Promise<readonly [{ issuer: string; subject?: string }, bigint]>,
  ): Promise<boolean> {
    try {
      const [{ issuer, subject }] = await read();
      return isIntels(issuer) && (subject === undefined || isIntels(subject));
    } catch (error) {
      const data = revertDataOf(error);
      if (data === undefined || harness.interface.parseError(data) === null) throw error;
      return false;
    }
  }

  // Names are compared with Intel's before anything else is done with a document. The TypeScript reader's library looks into
  // them, the contract does not, so only those count here.
  const names = Object.values(IntelName).map(keccak256);
  const isIntels = (hash: string): boolean => names.some((name) => name === hash);

  const CA_USAGE = ["0x03020106", "0x30060101ff020100"];
  const SIGNING_USAGE = ["0x030206c0", "0x3000"];

  function isCertificate(der: Uint8Array): boolean {
    const { issuer, subject, extensions } = parseCertificate(der);
    const usage = [ExtensionOid.keyUsage, ExtensionOid.basicConstraints].map((id) => extensions.get(id)!);
    const values = usage.map(({ value }) => toHex(value)).join();
    const isUsual = [CA_USAGE, SIGNING_USAGE].some((expected) => expected.join() === values);
    return isUsual && usage.every(({ critical }) => critical) && [issuer, subject].every((n) => isIntels(keccak256(n)));
  }

  const accepts = (run: () => boolean): boolean => {
    try {
      return run();
    } catch {
      return false;
    }
  };

  const PLATFORM = simulator.platform();
  const { pckCa, tcbSigning, pckCrl } = PLATFORM.collateral({ crlEntries: 3 });
  const subjects = {
    "the CA's certificate": pckCa,
    "the TCB Signing certificate": tcbSigning,
    "the leaf": PLATFORM.pckCertificate,
    "the revocation list": pckCrl,
  };
  for (const [what, document] of Object.entries(subjects)) {
    it(`judges changes in the structure of ${what} as the TypeScript reader does`, async () => {
      const random = new Random(MUTATION_SEED);
      const verdicts = { accepted: 0, refused: 0 };
      for (const kind of DER_MUTATIONS) {
        for (let i = 0; i < MUTATIONS; i++) {
          const der = mutate(document, kind, random);
          const isList = document === pckCrl;
          const expected = accepts(() => (isList ? isIntels(keccak256(parseCrl(der).issuer)) : isCertificate(der)));
          const found = await isRead(() => (isList ? harness.readCrl(der) : harness.readCertificate(der)));
          expect(found, `${kind} ${toHex(der)}`).to.equal(expected);
          verdicts[found ? "accepted" : "refused"]++;
        }
      }
      expect(verdicts.accepted).to.be.greaterThan(4);
      expect(verdicts.refused).to.be.greaterThan(4);
    });
  }

  it("judges changes in the structure of the SGX extension as the TypeScript reader does", async () => {
    const random = new Random(MUTATION_SEED);
    const verdicts = { accepted: 0, refused: 0 };
    const value = parseCertificate(PLATFORM.pckCertificate).extensions.get(ExtensionOid.sgx)!.value;
    for (const kind of DER_MUTATIONS) {
      for (let i = 0; i < MUTATIONS; i++) {
        const der = mutate(value, kind, random);
        const expected = accepts(() => parseSgxExtension(der).ppid.length === 16);
        const read = async () => {
          const [, used] = await harness.readSgxExtension(der);
          return [{ issuer: names[0]! }, used] as const;
        };
        expect(await isRead(read), `${kind} ${toHex(der)}`).to.equal(expected);
        verdicts[expected ? "accepted" : "refused"]++;
      }
    }
    expect(verdicts.accepted).to.be.greaterThan(4);
    expect(verdicts.refused).to.be.greaterThan(4);
  });

  itWithVector("reads what the TypeScript reader reads in Intel's own documents", async () => {
    const { certificationData } = parseQuote(vectorBytes(V3, "quote.bin"));
    const [leaf] = parsePem(Buffer.from(certificationData).toString("latin1"));
    await compareCertificate("Intel's leaf", leaf!);
    await compareCertificate("Intel's Platform CA", vectorBytes(V3, "platform_ca.der"));
    await compareCertificate("Intel's TCB Signing", vectorBytes(V3, "tcb_signing.der"));
    await compareCrl("Intel's root CRL", vectorBytes(V3, "root_crl.der"), 0);
    await compareCrl("Intel's CRL of 44", vectorBytes(V3, "pck_crl.der"), 44);
    await compareCrl("Intel's CRL of 129", vectorBytes("crl", "platform-129-20260716.der"), 129);
  });
});
