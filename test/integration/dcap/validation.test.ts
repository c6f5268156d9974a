import { expect } from "chai";
import type { Result } from "ethers";

import { documentsOf } from "../../../src/collateral/documents.ts";
import { keccak256, toHex } from "../../../src/sgx/bytes.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { IntelName } from "../../../src/sgx/names.ts";
import { COLLATERAL_FLAW_NAMES, type CollateralFlaw } from "../../../src/sgx/simulator/collateralFlaws.ts";
import { serialFor } from "../../../src/sgx/simulator/hierarchy.ts";
import type { CollateralOptions } from "../../../src/sgx/simulator/options.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import type { CertificateFields } from "../../../src/sgx/simulator/x509.ts";
import { verifyCollateral } from "../../../src/sgx/verifyCollateral.ts";
import { createStore, packQeIdentity, packTcbLevels, PckCa } from "../../fixtures/sgx/collateralStore.ts";
import { simulator, TIME } from "../../fixtures/sgx/simulation.ts";

const DAY = 86_400n;

/** Flaws of time alone, which a validation does not look at. */
const OF_TIME = /Expired$|NotYetValid$/;

describe("CollateralStore: validate", () => {
  const platform = simulator.platform();
  let world: Awaited<ReturnType<typeof createStore>>;

  before(async () => {
    world = await createStore(TIME, simulator.root);
  });

  const validate = async (collateral: Collateral): Promise<Result> =>
    (await world.store.validate(documentsOf(collateral))) as unknown as Result;

  /** What `validate` must answer, by the TypeScript verifier. */
  function expected(collateral: Collateral, time = TIME): unknown[] {
    const verified = verifyCollateral(collateral, simulator.root, time);
    const { ca, pckCa, rootCrl, pckCrl, tcbInfo, qeIdentity, validUntil } = verified;
    const key = toHex(pckCa.publicKey);
    return [
      BigInt(PckCa[ca]),
      key.slice(0, 66),
      `0x${key.slice(66)}`,
      [...pckCrl.revoked].map((serial) => BigInt(`0x${serial}`)),
      [
        tcbInfo.issueDate,
        tcbInfo.nextUpdate,
        tcbInfo.fmspc,
        tcbInfo.pceId,
        BigInt(tcbInfo.evaluationDataNumber),
        packTcbLevels(tcbInfo),
      ],
      [
        qeIdentity.issueDate,
        qeIdentity.nextUpdate,
        BigInt(qeIdentity.evaluationDataNumber),
        packQeIdentity(qeIdentity),
      ],
      validUntil,
      rootCrl.thisUpdate,
      pckCrl.thisUpdate,
    ];
  }

  const days = (count: bigint): bigint => TIME + count * DAY;
  const sets: Readonly<Record<string, CollateralOptions>> = {
    "the usual set": {},
    "an empty PCK CRL": { crlEntries: 0 },
    "one entry": { crlEntries: 1 },
    "129 entries": { crlEntries: 129 },
    "another number": { evaluationDataNumber: 65_535 },
    "other revocations by the root": { rootCrlEntries: 5 },
    "a Root CRL that ends first": { edits: { rootCrl: (list) => ({ ...list, nextUpdate: days(1n) }) } },
    "a PCK CRL that ends first": { edits: { pckCrl: (list) => ({ ...list, nextUpdate: days(2n) }) } },
    "a PCK CA that ends first": { edits: { pckCa: (fields) => ({ ...fields, notAfter: days(3n) }) } },
    "a TCB Signing certificate that ends first": {
      edits: { tcbSigning: (fields) => ({ ...fields, notAfter: days(4n) }) },
    },
    "TCB info that ends first": {
      edits: { tcbInfo: (text) => text.replace(/"nextUpdate":"[^"]*"/, '"nextUpdate":"2027-01-20T00:00:00Z"') },
    },
    "a QE identity that ends first": {
      edits: { qeIdentity: (text) => text.replace(/"nextUpdate":"[^"]*"/, '"nextUpdate":"2027-01-21T00:00:00Z"') },
    },
    "a PCK CRL that lists something twice": {
      edits: { pckCrl: (list) => ({ ...list, revoked: [...list.revoked, serialFor("x", "y")] }) },
    },
  };

  for (const [title, options] of Object.entries(sets)) {
    for (const ca of ["platform", "processor"] as const) {
      it(`says of ${title}, ${ca}, what src/sgx says`, async () => {
        const collateral = simulator.platform({ ca }).collateral(options);
        expect((await validate(collateral)).toArray(true)).to.deep.equal(expected(collateral));
      });
    }
  }

  it("looks at no clock and at nothing stored", async () => {
    const past = createSimulator({ seed: "tests", time: 1_600_000_000n }).platform().collateral();
    expect((await validate(past)).toArray(true)).to.deep.equal(expected(past, 1_600_000_000n));
    await world.fill(platform.collateral());
    expect((await validate(past)).toArray(true)).to.deep.equal(expected(past, 1_600_000_000n));
  });

  /** Flaws that make no set wrong: what they change is for the quote to show. */
  const SOUND: readonly CollateralFlaw[] = ["pckRevoked", "otherFmspc", "otherPceId"];

  for (const flaw of COLLATERAL_FLAW_NAMES) {
    const isSound = SOUND.includes(flaw);
    it(`${flaw}: ${isSound || OF_TIME.test(flaw) ? "accepted" : "refused"}, as src/sgx has it but for the time`, async () => {
      const flawed = platform.collateral({ flaw });
      const call = validate(flawed);
      let verdict: string | undefined;
      try {
        verifyCollateral(flawed, simulator.root, TIME);
      } catch (error) {
        expect(error).to.be.instanceOf(SgxVerificationError);
        verdict = (error as SgxVerificationError).code;
      }
      expect(verdict === undefined).to.equal(isSound);
      if (isSound || OF_TIME.test(flaw)) await call;
      else await expect(call).to.be.revert(world.ethers);
    });
  }

  describe("refuses by name", () => {
    const collateral = platform.collateral();
    const refused = async (changed: Partial<Collateral>, error: string, ...args: unknown[]): Promise<void> => {
      const refusal = expect(validate({ ...collateral, ...changed })).to.be.revertedWithCustomError(world.store, error);
      await (args.length === 0 ? refusal : refusal.withArgs(...args));
    };

    it("numbers that differ", async () => {
      const { qeIdentity } = platform.collateral({ evaluationDataNumber: 18 });
      await refused({ qeIdentity }, "CollateralStoreNumbersDiffer", 17n, 18n);
    });

    it("documents that never held together", async () => {
      const issueDate = TIME + 40n * 86_400n;
      const later = platform.collateral({ issueDate });
      const soonest = TIME - 3_600n + 30n * 86_400n;
      for (const name of ["rootCrl", "pckCrl", "tcbInfo", "qeIdentity"] as const) {
        await refused({ [name]: later[name] }, "CollateralStoreNotValidNow", issueDate, soonest);
      }
      const notBefore = soonest + 1n;
      for (const name of ["pckCa", "tcbSigning"] as const) {
        const edits = { [name]: (fields: CertificateFields) => ({ ...fields, notBefore }) };
        const { [name]: document } = platform.collateral({ edits });
        await refused({ [name]: document }, "CollateralStoreNotValidNow", notBefore, soonest);
      }
      const reversed = platform.collateral({ issueDate: TIME, nextUpdate: TIME - 1n });
      await refused(reversed, "CollateralStoreNotValidNow", TIME, TIME - 1n);
      // One second together is enough.
      await validate({ ...collateral, tcbInfo: platform.collateral({ issueDate: soonest }).tcbInfo });
    });

    it("signatures that are not 64 bytes", async () => {
      const { tcbInfo, qeIdentity } = collateral;
      await refused(
        { tcbInfo: { ...tcbInfo, signature: `${tcbInfo.signature}00` } },
        "CollateralStoreSignatureLength",
        65n,
      );
      await refused({ qeIdentity: { ...qeIdentity, signature: "" } }, "CollateralStoreSignatureLength", 0n);
    });

    it("one certificate in the other's place", async () => {
      const { pckCa, tcbSigning } = collateral;
      await refused({ pckCa: tcbSigning }, "CollateralStoreUnknownName", keccak256(IntelName.tcbSigning));
      await refused({ tcbSigning: pckCa }, "CollateralStoreUnknownName", keccak256(IntelName.platformCa));
    });

    it("lists of others", async () => {
      const { pckCrl } = simulator.platform({ ca: "processor" }).collateral();
      await refused({ pckCrl }, "CollateralStoreUnknownName", keccak256(IntelName.processorCa));
      await refused({ rootCrl: pckCrl }, "CollateralStoreUnknownName", keccak256(IntelName.processorCa));
      await refused({ pckCrl: collateral.rootCrl }, "CollateralStoreUnknownName", keccak256(IntelName.root));
    });

    it("issuers that the Root CRL lists", async () => {
      for (const flaw of ["caRevoked", "tcbSigningRevoked"] as const) {
        await refused(platform.collateral({ flaw }), "CollateralStoreRevoked");
      }
    });

    it("any document of another root", async () => {
      const other = createSimulator({ seed: "another root", time: TIME }).platform().collateral();
      for (const name of Object.keys(collateral) as (keyof Collateral)[]) {
        await refused({ [name]: other[name] }, "CollateralStoreWrongSignature");
      }
    });
  });
});
