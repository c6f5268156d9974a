import { expect } from "chai";
import hre from "hardhat";

import { EvidenceKind, onChainQuoteHash } from "../../../src/dcap/index.ts";
import type { ReportBody } from "../../../src/sgx/reportBody.ts";
import { USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { matchTcbLevel, parseTcbInfo } from "../../../src/sgx/tcbInfo.ts";
import { TcbStatus, type QeStatus } from "../../../src/sgx/tcbStatus.ts";
import { ACCEPTABLE, createFilledVerifier, type FilledVerifier } from "../../fixtures/dcap/filledVerifier.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { evidenceOf } from "../../fixtures/sgx/dcapVerifier.ts";
import { faultOf, REPORT_DATA, simulator, TIME, verifySimulated } from "../../fixtures/sgx/simulation.ts";

const { Cached, Known, New } = EvidenceKind;

describe("DcapVerifier: verifies what src/sgx verifies", () => {
  let world: FilledVerifier;

  before(async () => {
    world = await createFilledVerifier();
  });
  beforeEach(async () => world.restore());

  it("accepts New, then Known, then Cached, and says of each what verifyQuote says", async () => {
    await world.acceptsAllKinds(quote, collateral);
  });

  it("accepts platforms of the Processor CA", async () => {
    const processor = simulator.platform({ ca: "processor", name: "processor" });
    await world.acceptsAllKinds(processor.quote({ reportData: REPORT_DATA }), processor.collateral());
  });

  it("accepts other families, PCEIDs, authentication data and large enclave numbers", async () => {
    const other = simulator.platform({ name: "other", fmspc: "0x90c06f000000", pceId: "0x0102" });
    await world.fill(other.collateral(), ["tcbInfo"]);
    const bytes = other.quote({ reportData: REPORT_DATA, isvProdId: 0x0102, isvSvn: 0xfffe });
    await world.acceptsAllKinds(bytes, other.collateral());
  });

  it("leaves every bit of a launch that is not fixed to the allow-list, and tells it", async () => {
    const open: [field: "miscSelect" | "attributes", bit: number][] = [
      ["miscSelect", 0],
      ["miscSelect", 1],
      ...[6, 7, 10, 64, 65, 66, 82, 127].map((bit): [field: "attributes", bit: number] => ["attributes", bit]),
    ];
    for (const [field, bit] of open) {
      const report = (usual: ReportBody): ReportBody => ({
        ...usual,
        [field]: usual[field].map((byte, i) => (i === bit >>> 3 ? byte ^ (1 << (bit & 7)) : byte)),
      });
      const bytes = platform.quote({ reportData: REPORT_DATA, edits: { report } });
      const { attestation } = await world.ask(evidenceOf(bytes, collateral));
      const { launch } = verifySimulated(bytes, collateral).attestation;
      expect(attestation.launch, `${field} ${bit.toString()}`).to.equal(launch);
      expect(launch).to.not.equal(simulatedEnclave().launch);
    }
  });

  const qeStatuses: QeStatus[] = [TcbStatus.UpToDate, TcbStatus.OutOfDate, TcbStatus.Revoked];
  for (const tcbStatus of Object.values(TcbStatus).filter((status) => status !== TcbStatus.None)) {
    for (const qeStatus of qeStatuses) {
      it(`judges TCB status ${tcbStatus} with QE status ${qeStatus} as verifyQuote does`, async () => {
        const other = simulator.platform({ name: "status", tcbStatus });
        const bytes = other.quote({ reportData: REPORT_DATA, qeStatus });
        if (tcbStatus !== TcbStatus.Revoked && qeStatus !== TcbStatus.Revoked) {
          await world.acceptsAllKinds(bytes, collateral);
          return;
        }
        const fault = faultOf(() => verifySimulated(bytes, collateral, { policy: ACCEPTABLE }));
        expect(fault.code).to.match(/^(Tcb|Qe)Revoked$/);
        await world.refuses(evidenceOf(bytes, collateral), "DcapVerifierRevoked");
      });
    }
  }

  it("takes the first level of which every component and PCESVN is reached, as matchTcbLevel does", async () => {
    const { components, pceSvn } = USUAL_TCB_LEVELS[0]!.tcb;
    const weaker = components.map((_, weak) => ({
      components: components.map((svn, i) => (i === weak ? Math.max(0, svn - 1) : svn)),
      pceSvn,
    }));
    const tcbs = [
      ...weaker,
      { components, pceSvn: pceSvn - 1 },
      { components: components.map(() => 255), pceSvn: 255 },
    ];
    for (const tcb of tcbs) {
      const bytes = simulator.platform({ name: "edge", tcb }).quote({ reportData: REPORT_DATA });
      const info = parseTcbInfo(collateral.tcbInfo.text);
      const status = matchTcbLevel(info, tcb)?.status;
      if (status === undefined) await world.refuses(evidenceOf(bytes, collateral), "DcapVerifierTcbUnsupported");
      else expect((await world.ask(evidenceOf(bytes, collateral))).attestation.tcbStatus).to.equal(BigInt(status));
    }
  });

  it("judges by collateral that holds in the last second and not in the next", async () => {
    const end = TIME - 3_600n + 30n * 86_400n;
    const kinds = [New, Known, Cached];
    await world.verify(evidenceOf(quote, collateral));
    await world.networkHelpers.time.increaseTo(end);
    for (const kind of kinds) await world.ask(evidenceOf(quote, collateral, kind));
    await world.networkHelpers.time.increaseTo(end + 1n);
    for (const kind of kinds) {
      const args = [platform.fmspc, platform.pceId, 17, end];
      await world.refuses(evidenceOf(quote, collateral, kind), "DcapVerifierCollateralLapsed", REPORT_DATA, ...args);
    }
  });

  it("refuses a PCK certificate before its first and after its last second", async () => {
    const times = { notBefore: TIME + 2_000n, notAfter: TIME + 3_000n };
    const short = simulator.platform({ name: "short", editPck: (fields) => ({ ...fields, ...times }) });
    const bytes = short.quote({ reportData: REPORT_DATA });
    const { notBefore, notAfter } = times;
    await world.networkHelpers.time.increaseTo(notBefore - 1n);
    await world.refuses(evidenceOf(bytes, collateral), "DcapVerifierPckNotValidNow", REPORT_DATA, notBefore, notAfter);
    await world.networkHelpers.time.increaseTo(notBefore);
    await world.verify(evidenceOf(bytes, collateral));
    await world.networkHelpers.time.increaseTo(notAfter);
    for (const kind of [New, Known, Cached]) {
      expect((await world.ask(evidenceOf(bytes, collateral, kind))).attestation.validUntil).to.equal(notAfter);
    }
    await world.networkHelpers.time.increaseTo(notAfter + 1n);
    for (const [kind, from] of [
      [New, notBefore],
      [Known, 0n],
      [Cached, 0n],
    ] as const) {
      await world.refuses(
        evidenceOf(bytes, collateral, kind),
        "DcapVerifierPckNotValidNow",
        REPORT_DATA,
        from,
        notAfter,
      );
    }
  });

  it("refuses numbers below the floor, and those of which nothing is stored", async () => {
    const lapsed = (number: number) => [platform.fmspc, platform.pceId, number, 0];
    await world.refuses(
      evidenceOf(quote, collateral, New, { evaluationNumber: 18 }),
      "DcapVerifierCollateralLapsed",
      REPORT_DATA,
      ...lapsed(18),
    );
    const early = platform.collateral({ evaluationDataNumber: 18 });
    await world.fill(early, ["tcbInfo", "qeIdentity"]);
    await world.ask(evidenceOf(quote, early));
    await world.store.setEvaluationFloor(18);
    await world.refuses(evidenceOf(quote, collateral), "DcapVerifierCollateralLapsed", REPORT_DATA, ...lapsed(17));
    await world.ask(evidenceOf(quote, early));
  });

  it("refuses a simulation under Intel's root, and one simulator's quotes under another's", async () => {
    const other = createSimulator({ seed: "another", time: TIME }).platform();
    const bytes = other.quote({ reportData: REPORT_DATA });
    await world.refuses(evidenceOf(bytes, collateral), "DcapVerifierWrongPckSignature");
  });

  it("cannot be deployed on a chain without the precompile", async () => {
    const { ethers } = await hre.network.create({ network: "default", override: { hardfork: "prague" } });
    const [admin] = await ethers.getSigners();
    const authority = await ethers.deployContract("Governance", [admin!.address]);
    const root = [simulator.root.slice(0, 66), `0x${simulator.root.slice(66)}`];
    await expect(ethers.deployContract("DcapVerifier", [authority, ...root])).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierNoPrecompile",
    );
  });

  it("leaves nothing to dispute", async () => {
    await expect(world.verifier.dispute(onChainQuoteHash(quote), REPORT_DATA, "0x")).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierNothingToDispute",
    );
  });

  it("costs little", async () => {
    const gas: Record<string, bigint> = {};
    gas.new = await world.verify(evidenceOf(quote, collateral));
    gas.known = await world.verify(evidenceOf(quote, collateral, Known));
    gas.cached = await world.verify(evidenceOf(quote, collateral, Cached));
    console.log("      gas of verify without calldata:", gas);
    expect(Number(gas.new)).to.be.below(130_000);
    expect(Number(gas.cached)).to.be.below(25_000);
  });
});
