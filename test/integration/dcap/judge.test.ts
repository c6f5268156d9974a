import { expect } from "chai";

import { revertDataOf } from "../../../src/errors.ts";
import { keccak256 } from "../../../src/sgx/bytes.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { COLLATERAL_FLAW_NAMES } from "../../../src/sgx/simulator/collateralFlaws.ts";
import type { CollateralBasis } from "../../../src/sgx/basis.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import { PCK_FLAW_NAMES, type PckFlaw } from "../../../src/sgx/simulator/pckFlaws.ts";
import { QUOTE_FLAW_NAMES } from "../../../src/sgx/simulator/quoteFlaws.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { TcbStatus, type QeStatus } from "../../../src/sgx/tcbStatus.ts";
import { ACCEPTABLE } from "../../fixtures/dcap/filledVerifier.ts";
import { DISPROVEN, HOLDS, standingOf, UNDECIDED } from "../../fixtures/dcap/standings.ts";
import { claim, claimOf } from "../../fixtures/dcap/usualClaim.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { Random } from "../../fixtures/random.ts";
import { createVerifier, onChain, type AttestationOnChain } from "../../fixtures/sgx/dcapVerifier.ts";
import { faultOf, REPORT_DATA, simulator, TIME, verifySimulated } from "../../fixtures/sgx/simulation.ts";

/** Flaws of dates alone, on which a judge does not look: the claim's end says what held when. */
const OF_DATES = /(Expired|NotYetValid|ReversedValidity)$/;

describe("DcapVerifier: judges what others claim", () => {
  let world: Awaited<ReturnType<typeof createVerifier>>;

  // Nothing is stored: a judge looks at nothing but what it is shown.
  before(async () => {
    world = await createVerifier();
  });

  it("holds a true claim to be true, at any time", async () => {
    expect(await world.judge(quote, claim, { collateral })).to.equal(HOLDS);
    const snapshot = await world.networkHelpers.takeSnapshot();
    await world.networkHelpers.time.increaseTo(TIME + 10n ** 9n);
    expect(await world.judge(quote, claim, { collateral })).to.equal(HOLDS);
    await snapshot.restore();
  });

  it("holds the claims of all statuses and of both CAs that verifyQuote would make, and no others", async () => {
    const qeStatuses: QeStatus[] = [TcbStatus.UpToDate, TcbStatus.OutOfDate, TcbStatus.Revoked];
    for (const tcbStatus of Object.values(TcbStatus).filter((status) => status !== TcbStatus.None)) {
      for (const qeStatus of qeStatuses) {
        const kind = qeStatus === TcbStatus.OutOfDate ? "processor" : "platform";
        const other = simulator.platform({ name: "status", ca: kind, tcbStatus });
        const bytes = other.quote({ reportData: REPORT_DATA, qeStatus });
        const documents = other.collateral();
        const isRevoked = tcbStatus === TcbStatus.Revoked || qeStatus === TcbStatus.Revoked;
        const honest = isRevoked
          ? undefined
          : onChain(verifySimulated(bytes, documents, { policy: ACCEPTABLE })).tcbStatus;
        if (isRevoked) faultOf(() => verifySimulated(bytes, documents, { policy: ACCEPTABLE }));
        for (const claimed of [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]) {
          const told = claimOf(bytes, { ...factsOf(other), tcbStatus: claimed });
          const verdict = await world.judge(bytes, told, { collateral: documents });
          const label = `platform ${tcbStatus}, QE ${qeStatus}, claimed ${claimed.toString()}`;
          expect(verdict, label).to.equal(claimed === honest ? HOLDS : DISPROVEN);
        }
      }
    }
  });

  /** What a platform's quotes say of it, whatever its status. */
  function factsOf(other: typeof platform): Partial<AttestationOnChain> {
    return { platformId: keccak256(other.ppid), fmspc: other.fmspc };
  }

  const lies: Partial<AttestationOnChain>[] = [
    { quoteHash: `0x${"11".repeat(32)}` },
    { mrEnclave: `0x${"11".repeat(32)}` },
    { mrSigner: `0x${"11".repeat(32)}` },
    { isvProdId: claim.isvProdId + 1n },
    { isvSvn: claim.isvSvn + 1n },
    { platformId: `0x${"11".repeat(32)}` },
    { fmspc: "0x00606a000001" },
    { launch: `${claim.launch.slice(0, -2)}01` },
  ];
  for (const lie of lies) {
    it(`disproves a claim with another ${Object.keys(lie).join()}, without collateral too`, async () => {
      expect(await world.judge(quote, { ...claim, ...lie }, { collateral })).to.equal(DISPROVEN);
      expect(await world.judge(quote, { ...claim, ...lie })).to.equal(DISPROVEN);
    });
  }

  it("disproves claims of other report data, status or end", async () => {
    const reportData = `0x${"5b".repeat(32)}` as const;
    expect(await world.judge(quote, claim, { collateral, reportData })).to.equal(DISPROVEN);
    for (const lie of [
      { tcbStatus: 2n },
      { validUntil: claim.validUntil + 1n },
      { validUntil: claim.validUntil - 1n },
    ]) {
      expect(await world.judge(quote, { ...claim, ...lie }, { collateral })).to.equal(DISPROVEN);
    }
  });

  it("disproves a claim that says more of its collateral than is true", async () => {
    const { basis } = verifySimulated(quote, collateral);
    const lies: Partial<CollateralBasis>[] = [
      { evaluationNumber: basis.evaluationNumber + 1 },
      { rootCrlIssuedAt: basis.rootCrlIssuedAt + 1n },
      { pckCrlIssuedAt: basis.pckCrlIssuedAt + 1n },
    ];
    for (const lie of lies) {
      expect(await world.judge(quote, claim, { collateral, basis: lie })).to.equal(DISPROVEN);
      expect(await world.judge(quote, claim, { named: collateral, basis: lie }), "unseen").to.equal(UNDECIDED);
    }
    // The quote says itself whose list judges it.
    expect(await world.judge(quote, claim, { collateral, basis: { ca: 1 } })).to.equal(DISPROVEN);
    expect(await world.judge(quote, claim, { basis: { ca: 1 } })).to.equal(DISPROVEN);
  });

  it("leaves undecided what rests on collateral that is missing or not the claim's", async () => {
    const other = platform.collateral({ evaluationDataNumber: 18 });
    const lie = { ...claim, tcbStatus: 2n };
    for (const each of [claim, lie]) {
      expect(await world.judge(quote, each)).to.equal(UNDECIDED);
      expect(await world.judge(quote, each, { named: collateral })).to.equal(UNDECIDED);
      expect(await world.judge(quote, each, { collateral: other, named: collateral })).to.equal(UNDECIDED);
    }
    for (const name of ["pckCa", "tcbSigning", "rootCrl", "pckCrl"] as const) {
      const changed: Collateral = { ...collateral, [name]: flipBit(collateral[name], -1) };
      expect(await world.judge(quote, lie, { collateral: changed, named: collateral }), name).to.equal(UNDECIDED);
    }
  });

  it("disproves claims that name another platform's collateral", async () => {
    const others = [
      simulator.platform({ fmspc: "0x90c06f000000" }),
      simulator.platform({ pceId: "0x0001" }),
      simulator.platform({ ca: "processor" }),
      createSimulator({ seed: "another", time: TIME }).platform(),
    ].map((other) => other.collateral());
    for (const other of others) expect(await world.judge(quote, claim, { collateral: other })).to.equal(DISPROVEN);
  });

  for (const flaw of QUOTE_FLAW_NAMES) {
    it(`never holds a quote with the flaw ${flaw} to be true, and disproves it if more than its form is wrong`, async () => {
      const bytes = platform.quote({ reportData: REPORT_DATA, flaw });
      const fault = faultOf(() => verifySimulated(bytes, collateral));
      expect(fault.timeless).to.equal(true);
      // Without any signed part there is nothing whose form could be at fault.
      const standing = flaw === "empty" ? DISPROVEN : standingOf(fault);
      expect(await world.judge(bytes, claimOf(bytes), { collateral })).to.equal(standing);
      expect(await world.judge(bytes, claimOf(bytes))).to.be.oneOf([standing, UNDECIDED]);
    });
  }

  for (const flaw of PCK_FLAW_NAMES) {
    it(`judges a PCK certificate with the flaw ${flaw} by its names and signature, not by its dates and form`, async () => {
      const bytes = simulator.platform({ flaw }).quote({ reportData: REPORT_DATA });
      const standing = standingOf(faultOf(() => verifySimulated(bytes, collateral)));
      const end = { pckExpired: TIME - 1n, pckReversedValidity: 1_526_899_510n } as Partial<Record<PckFlaw, bigint>>;
      const validUntil = end[flaw] ?? claim.validUntil;
      const verdict = await world.judge(bytes, claimOf(bytes, { validUntil }), { collateral });
      expect(verdict).to.equal(OF_DATES.test(flaw) ? HOLDS : standing);
      expect(await world.judge(bytes, claimOf(bytes))).to.equal(OF_DATES.test(flaw) ? UNDECIDED : standing);
    });
  }

  for (const flaw of COLLATERAL_FLAW_NAMES) {
    it(`never holds a claim to be true that rests on collateral with the flaw ${flaw}, unless only a date is wrong`, async () => {
      const flawed = platform.collateral({ flaw });
      const standing = standingOf(faultOf(() => verifySimulated(quote, flawed)));
      const ends = /(ca|Signing|Crl|Info|Identity)Expired$/.test(flaw) ? { validUntil: TIME - 1n } : {};
      const verdict = await world.judge(quote, { ...claim, ...ends }, { collateral: flawed });
      expect(verdict).to.equal(OF_DATES.test(flaw) ? HOLDS : standing);
    });
  }

  it("disproves nothing for the bytes that nobody signed, whatever stands there", async () => {
    // Behind the QE's signature: the auth data's length, the certification data's type and length, and these.
    const unsigned = [...Array.from({ length: 4 }, (_, i) => 432 + i), 1012, 1013];
    const behind = 1014 + 32;
    const random = new Random(7);
    for (const at of [...unsigned, ...Array.from({ length: 40 }, () => random.integer(behind, quote.length - 1))]) {
      const bytes = flipBit(quote, at);
      const fault = refusalOf(bytes);
      // A block of base64 that is another certificate's is not form: no key of Intel's has signed that certificate.
      const isSigned = fault !== undefined && /^(PckSignature|PckIssuer|QuoteRoot|Qe)/.test(fault.code);
      const verdict = await world.judge(bytes, claimOf(bytes), { collateral });
      expect(verdict, `byte ${at.toString()}: ${fault?.code ?? "accepted"}`).to.equal(
        fault === undefined ? HOLDS : isSigned ? DISPROVEN : UNDECIDED,
      );
    }
  });

  /** Why `verifyQuote` refuses a quote; nothing where it does not. */
  function refusalOf(bytes: Uint8Array): SgxVerificationError | undefined {
    try {
      verifySimulated(bytes, collateral);
      return undefined;
    } catch (error) {
      if (error instanceof SgxVerificationError) return error;
      throw error;
    }
  }

  /** The name of an error; `no gas` where the transaction itself ran out of it. */
  const nameOf = (data: string | undefined): string =>
    data === undefined || data === "0x" ? "no gas" : (world.verifier.interface.parseError(data)?.name ?? data);

  it("never disproves an honest quote for want of gas", async () => {
    const enough = await world.verifier.judge.estimateGas(...world.judgeArguments(quote, claim, { collateral }));
    const standings = new Set<string>();
    const least = 150_000n;
    for (let step = 0n; step <= 60n; step++) {
      const gasLimit = least + ((enough - least) * step) / 60n;
      const verdict = await world
        .judge(quote, claim, { collateral, gasLimit })
        .then(String, (error: unknown) => nameOf(revertDataOf(error)));
      standings.add(verdict);
      expect(verdict, `with ${gasLimit.toString()} gas`).to.match(/^(1|DcapVerifierJudgeFailed|no gas)$/);
    }
    expect([...standings]).to.include.members(["1", "DcapVerifierJudgeFailed"]);
  });

  it("says by a typed error that it cannot read the evidence", async () => {
    const [bytes, , reportData, attestation, hash] = world.judgeArguments(quote, claim, { collateral });
    for (const evidence of ["0x00", `0x${"ff".repeat(64)}`]) {
      await expect(world.verifier.judge(bytes, evidence, reportData, attestation, hash))
        .to.be.revertedWithCustomError(world.verifier, "DcapVerifierJudgeFailed")
        .withArgs("0x");
    }
  });
});
