import { expect } from "chai";
import { readFileSync } from "node:fs";

import { contentsOf, EvidenceKind, onChainQuoteHash } from "../../../src/dcap/index.ts";
import { keccak256, toHex, utf8 } from "../../../src/sgx/bytes.ts";
import { parseCollateral } from "../../../src/sgx/collateral.ts";
import { readCollateralFolder } from "../../../src/sgx/collateralSources.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import { parseQuote, trimQuote } from "../../../src/sgx/quote.ts";
import { parseQeIdentity } from "../../../src/sgx/qeIdentity.ts";
import { parseTcbInfo } from "../../../src/sgx/tcbInfo.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";
import { INTEL_ROOT_KEY } from "../../../src/sgx/intelRoot.ts";
import { verifyQuote } from "../../../src/sgx/verifyQuote.ts";
import { quorumOver } from "../../fixtures/dcap/quorumOver.ts";
import { createVerifier, evidenceOf, onChain } from "../../fixtures/sgx/dcapVerifier.ts";
import {
  furtherPath,
  itWithFurther,
  itWithVector,
  reportVectors,
  vectorBytes,
  vectorFolders,
  vectorPath,
} from "../../fixtures/sgx/vectors.ts";

const ACCEPTABLE = { acceptedStatuses: [1, 2, 3, 4, 5, 6] } as const;

describe("DcapVerifier: Intel's own quotes under Intel's root", () => {
  after(reportVectors);

  const folders = vectorFolders("v3-");
  for (const folder of folders.length > 0 ? folders : ["v3-*"]) {
    itWithVector(`accepts ${folder} as New, Known and Cached, and judges it as verifyQuote does`, async () => {
      const collateral = readCollateralFolder(vectorPath(folder));
      const quote = trimQuote(vectorBytes(folder, "quote.bin"));
      const begins = [
        parseTcbInfo(collateral.tcbInfo.text).issueDate,
        parseQeIdentity(collateral.qeIdentity.text).issueDate,
        parseCrl(collateral.pckCrl).thisUpdate,
        parseCrl(collateral.rootCrl).thisUpdate,
      ];
      const time = begins.reduce((a, b) => (a > b ? a : b));
      const report = verifyQuote({ quote, collateral, time, policy: ACCEPTABLE });
      const world = await createVerifier(time, INTEL_ROOT_KEY);
      await world.fill(collateral);

      const reportData = toHex(parseQuote(quote).report.reportData.subarray(0, 32));
      for (const kind of [EvidenceKind.New, EvidenceKind.Known, EvidenceKind.Cached]) {
        const evidence = evidenceOf(quote, collateral, kind);
        const { attestation } = await world.ask(evidence, reportData);
        expect(attestation).to.deep.equal({ ...onChain(report), quoteHash: onChainQuoteHash(quote) });
        await world.verify(evidence, reportData);
      }

      // The tag of the matched level is of its advisories as they stand in Intel's text.
      const info = parseTcbInfo(collateral.tcbInfo.text);
      const level = info.levels.findIndex(
        ({ status, tcbDate }) => status === report.platformStatus && tcbDate === report.tcbDate,
      );
      const lists = [...collateral.tcbInfo.text.matchAll(/"tcbStatus":"\w+"(?:,"advisoryIDs":\[([^\]]*)\])?/g)];
      const list = lists[level]?.[1] ?? "";
      const tag = list === "" ? "00".repeat(13) : keccak256(utf8(list)).slice(2, 28);
      expect(toHex(contentsOf(collateral).levels.subarray(32 * level + 19, 32 * level + 32))).to.equal(`0x${tag}`);

      const claim = onChain(report);
      expect(await world.judge(quote, claim, { collateral, reportData })).to.equal(1n);
      expect(await world.judge(quote, claim, { reportData })).to.equal(0n);
      expect(await world.judge(quote, { ...claim, isvSvn: claim.isvSvn + 1n }, { reportData })).to.equal(3n);
    });
  }

  itWithFurther("judges a quote whose certificates are joined without a line end as it judges any other", async () => {
    const quote = new Uint8Array(readFileSync(furtherPath("sgx", "joined-pem", "quote.bin")));
    const collateral = parseCollateral(readFileSync(furtherPath("sgx", "joined-pem", "collateral.json"), "utf8"));
    const time = 1_748_374_267n;
    const report = verifyQuote({ quote, collateral, time, policy: ACCEPTABLE });
    expect(report.attestation.tcbStatus).to.equal(TcbStatus.OutOfDateConfigurationNeeded);
    const world = await createVerifier(time, INTEL_ROOT_KEY);
    await world.fill(collateral);
    const reportData = toHex(parseQuote(quote).report.reportData.subarray(0, 32));
    const { attestation } = await world.ask(evidenceOf(quote, collateral), reportData);
    expect(attestation).to.deep.equal({ ...onChain(report), quoteHash: onChainQuoteHash(quote) });
    const claim = onChain(report);
    expect(await world.judge(quote, claim, { collateral, reportData })).to.equal(1n);
    expect(await world.judge(quote, claim, { reportData })).to.equal(0n);
    expect(await world.judge(quote, { ...claim, isvSvn: claim.isvSvn + 1n }, { reportData })).to.equal(3n);

    const { set, vouch, dispute, show } = await quorumOver(world);
    await vouch(report, reportData);
    await show(report, reportData, quote);
    expect(await dispute(report, reportData, quote, collateral)).to.equal(1n);
    expect(await set.activeStake()).to.equal(100n);
  });
});
