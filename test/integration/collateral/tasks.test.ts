import { mkdirSync, writeFileSync } from "node:fs";

import { expect } from "chai";

import { DOCUMENT_NAMES } from "../../../src/collateral/documents.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { serializeCollateral } from "../../../src/sgx/collateral.ts";
import { CHECKS, TcbStatus } from "../../../src/sgx/index.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { startPcsServer, type PcsServer } from "../../fixtures/sgx/pcsServer.ts";
import { openHardhatCli, shortEpochs, type Run, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const DAY = 86_400n;
const REPORT_DATA = `0x${"5a".repeat(32)}` as const;

/** What was printed, as if lines had no end. */
const unbroken = (text: string): string => text.replace(/\s+/g, " ");

describe("tasks about collateral", () => {
  let hardhat: HardhatCli;
  let server: PcsServer;
  let time: bigint;

  async function does(words: string, args: Record<string, unknown> = {}): Promise<Run["document"]> {
    const run = await hardhat.run(words, args);
    expect(run.exitCode, `${words}: ${run.stderr}${run.stdout}`).to.equal(0);
    return run.document;
  }
  const machine = () => createSimulator({ time }).platform();
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(hardhat.file(name), content);
    return hardhat.file(name);
  };

  before(async () => {
    hardhat = await openHardhatCli();
    const { lotteryOdds, openStretch, epochLength, responseWindow, effectiveWindow, blockMilliseconds } = shortEpochs;
    const values = { lotteryOdds, openStretch, epochLength, responseWindow, effectiveWindow, blockMilliseconds };
    await does("platform deploy", { parameters: write("parameters.json5", toJson({ Protocol: values })) });
    time = BigInt((await hardhat.connection.ethers.provider.getBlock("latest"))?.timestamp ?? 0);
    server = await startPcsServer(machine().collateral());
    write("root.txt", `${createSimulator({ time }).root}\n`);
    write("quote.bin", machine().quote({ reportData: REPORT_DATA }));
  });
  after(async () => {
    await server.close();
    await hardhat.close();
  });

  describe("collateral fetch", () => {
    it("writes a server's set into a file, for a family or for a quote's", async () => {
      const out = hardhat.file("fetched.json");
      const named = await does("collateral fetch", { source: server.url, fmspc: "00606A000000", out });
      expect(named).to.deep.include({ number: 17, file: out });
      const quote = hardhat.file("quote.bin");
      const other = await does("collateral fetch", { source: server.url, quote, out: hardhat.file("other.json") });
      expect(other["documents"]).to.deep.equal(named["documents"]);
    });

    it("ends with 4 and the URL when the server does not give it, and with 1 when nobody says of what", async () => {
      const missing = await hardhat.run("collateral fetch", {
        source: server.url,
        fmspc: "00606A000000",
        number: "19",
      });
      const unknown = await hardhat.run("collateral fetch", { source: hardhat.file("fetched.json"), number: "early" });
      expect(unknown.exitCode).to.equal(1);
      expect(unknown.stderr).to.include("does not say whether it is the early one");
      expect(missing.exitCode).to.equal(4);
      expect(missing.stderr).to.match(
        /^Error: The server answered with status 404 \(http:.*tcbEvaluationDataNumber=19\)/,
      );
      const nothing = await hardhat.run("collateral fetch", { source: server.url });
      expect(nothing.exitCode).to.equal(1);
      expect(nothing.stderr).to.include("Give --quote, or --fmspc and --ca");
    });
  });

  describe("collateral status and submit", () => {
    const source = (): string => hardhat.file("fetched.json");

    it("say what is missing, and that nothing is known of a family", async () => {
      const told = await hardhat.run("collateral status", { fmspc: "00606a000000" });
      expect(told.exitCode).to.equal(1);
      expect(told.stderr).to.include("has no TCB info of FMSPC 00606a000000");
      const status = await hardhat.run("collateral status", { source: source() });
      expect(status.exitCode, "being stale is no failure").to.equal(0);
      expect(status.document).to.include({ usable: false, validUntil: 0n });
      expect(status.stdout)
        .to.include("Root CRL")
        .and.to.include("missing")
        .and.to.match(/Next: `npx hardhat collateral submit/);
    });

    it("plan without changing anything, submit, and then have nothing to do", async () => {
      const { provider } = hardhat.connection.ethers;
      const block = await provider.getBlockNumber();
      const plan = await does("collateral submit", { source: source(), dryRun: true });
      expect(plan["submitted"]).to.deep.equal(DOCUMENT_NAMES);
      expect(await provider.getBlockNumber()).to.equal(block);
      expect((await does("collateral submit", { source: source() }))["submitted"]).to.deep.equal(DOCUMENT_NAMES);
      expect((await does("collateral submit", { source: source() }))["submitted"]).to.deep.equal([]);
      const status = await hardhat.run("collateral status", { fmspc: "00606a000000" });
      expect(status.document).to.include({ usable: true, number: 17 });
      expect(status.stdout, "no source was asked").not.to.include("Source has");
    });

    it("bring from a server only what is newer", async () => {
      const edits = { tcbInfo: (text: string) => text.replace('"UpToDate"', '"OutOfDate"') };
      const later = machine().collateral({ issueDate: time, edits });
      const newer = await startPcsServer({ ...machine().collateral(), tcbInfo: later.tcbInfo });
      const args = { fmspc: "00606a000000", source: newer.url };
      expect((await hardhat.run("collateral status", args)).stdout).to.include("brings the newer TCB info");
      const submitted = await hardhat.run("collateral submit", args);
      expect(submitted.document["submitted"]).to.deep.equal(["tcbInfo"]);
      expect(submitted.stdout).to.match(/Submitted +TCB info\n/);
      await newer.close();
    });

    it("let a set with the same contents and a later date wait, and say so", async () => {
      await hardhat.moveTo(time + DAY);
      const edits = { tcbInfo: (text: string) => text.replace('"UpToDate"', '"OutOfDate"') };
      const same = machine().collateral({ issueDate: time + 1n, edits });
      const args = { source: write("dated.json", serializeCollateral(same)) };
      const status = await hardhat.run("collateral status", args);
      expect(unbroken(status.stdout))
        .to.include("Source has")
        .and.to.include("the same contents with a later date")
        .and.not.to.include("Next:");
      const run = await hardhat.run("collateral submit", args);
      expect(run.document["submitted"]).to.deep.equal([]);
      expect(run.stdout).to.include("nothing; the source has only later dates");
    });

    it("refuse a set of a simulator that the chain does not trust, in words", async () => {
      const stranger = createSimulator({ seed: "stranger", time }).platform().collateral({ issueDate: time });
      const refused = await hardhat.run("collateral submit", {
        source: write("strange.json", serializeCollateral(stranger)),
      });
      expect(refused.exitCode).to.equal(3);
      expect(refused.stderr).to.include("Refused: CollateralStoreWrongSignature");
    });

    it("say when it has lapsed", async () => {
      await hardhat.moveTo(time + 31n * DAY);
      const status = await hardhat.run("collateral status", { fmspc: "00606a000000", json: true });
      expect(status.exitCode).to.equal(0);
      expect(JSON.parse(status.stdout)).to.include({ usable: false });
      const states = (status.document["documents"] as { state: string }[]).map(({ state }) => state);
      expect(states).to.deep.equal(["stale", "fresh", "fresh", "stale", "stale", "stale"]);
      const late = await hardhat.run("collateral submit", { source: source() });
      expect(late.exitCode, "no quote can be judged").to.equal(1);
      expect(late.document["submitted"], "it is no newer").to.deep.equal([]);
      expect(late.stdout)
        .to.include("nothing; the source has nothing that holds longer")
        .and.to.include("no quote can be judged now: Root CRL lapsed on")
        .and.to.match(/Next: the source ".*" cannot help/);
    });
  });

  describe("node verify", () => {
    const args = (more: object = {}): Record<string, unknown> => ({
      quote: hardhat.file("quote.bin"),
      collateral: hardhat.file("fetched.json"),
      root: hardhat.file("root.txt"),
      time: time.toString(),
      ...more,
    });

    it("reports every check, status, advisories and dates of a quote that holds", async () => {
      const run = await hardhat.run("node verify", args());
      expect(run.exitCode).to.equal(0);
      expect(run.document).to.deep.include({ holds: true, status: "UpToDate", checks: CHECKS.slice(0, -1) });
      for (const check of CHECKS) expect(run.stdout).to.include(check === "crls" ? "pckCrl" : check);
      expect(run.document["trustedRoot"]).to.include({ isIntel: false });
      expect(unbroken(run.stdout))
        .to.match(/Trusted root NOT Intel's: .*root\.txt /)
        .and.to.include("the quoting enclave is that of the QE identity, not Intel's")
        .and.to.match(/Hash of the whole quote 0x/)
        .and.to.match(/Hash of its signed bytes 0x/);
      expect(unbroken(run.stdout))
        .to.include("not made")
        .and.to.include("QE identity")
        .and.to.include("FMSPC 00606a000000");
      expect(await does("node verify", args({ reportData: REPORT_DATA }))).to.deep.include({ checks: CHECKS });
    });

    it("takes a quote in hexadecimal digits, with zeros behind, and collateral from a server or a folder", async () => {
      const quote = machine().quote({ reportData: REPORT_DATA });
      const digits = write("quote.hex", `0x${Buffer.from(quote).toString("hex")}0000\n`);
      const { tcbInfo, qeIdentity, ...rest } = machine().collateral();
      const folder = hardhat.file("folder");
      mkdirSync(folder);
      write("folder/platform_ca.der", rest.pckCa);
      write("folder/tcb_signing.der", rest.tcbSigning);
      write("folder/root_crl.der", rest.rootCrl);
      write("folder/pck_crl.der", rest.pckCrl);
      write("folder/tcbinfo.json", `{"tcbInfo":${tcbInfo.text},"signature":"${tcbInfo.signature}"}`);
      write("folder/qeidentity.json", `{"enclaveIdentity":${qeIdentity.text},"signature":"${qeIdentity.signature}"}`);
      for (const collateral of [server.url, folder]) {
        expect(await does("node verify", args({ quote: digits, collateral }))).to.include({ holds: true });
      }
    });

    it("ends with 1 and names the check that fails", async () => {
      const forged = machine().quote({ reportData: REPORT_DATA });
      forged[112]! ^= 1;
      const outdated = createSimulator({ time }).platform({ tcbStatus: TcbStatus.Revoked });
      const list = machine().collateral({ flaw: "pckCrlExpired" });
      const brokenList = write("list.json", serializeCollateral(list));
      const kss = machine().quote({
        reportData: REPORT_DATA,
        edits: { qeReport: (report) => ({ ...report, configSvn: 1 }) },
      });
      const cases = [
        [{ quote: write("forged.bin", forged) }, "isvSignature", "IsvSignature", "isvSignature"],
        [{ reportData: `0x${"11".repeat(32)}` }, "reportData", "ReportDataMismatch", "reportData"],
        [{ time: (time + 40n * DAY).toString() }, "crls", "CrlExpired", "rootCrl"],
        [{ root: undefined }, "crls", "CrlSignature", "rootCrl"],
        [{ quote: write("old.bin", outdated.quote({ reportData: REPORT_DATA })) }, "status", "TcbRevoked", "status"],
        [{ collateral: brokenList }, "crls", "CrlExpired", "pckCrl"],
        [{ quote: write("kss.bin", kss) }, "enclavePolicy", "KssFields", "qeReport"],
      ] as const;
      for (const [more, failed, code, step] of cases) {
        const run = await hardhat.run("node verify", args(more));
        expect(run.exitCode, failed).to.equal(1);
        expect(run.document).to.include({ holds: false, failed, code, step });
        expect(run.stdout)
          .to.match(new RegExp(`${step} +FAILS`))
          .and.to.include("Remedy")
          .and.to.include("MRENCLAVE")
          .and.to.match(/QE identity +\d{4}-/);
        const [above, below] = run.stdout.split("FAILS");
        expect(above, "all above was made").not.to.include("not made");
        expect(below, "nothing below was made").not.to.match(/ holds /);
        const json = await hardhat.run("node verify", args({ ...more, json: true }));
        expect(JSON.parse(json.stdout)).to.include({ holds: false, failed, code });
      }
    });

    it("names the root under which it looked, and the options that may help", async () => {
      const intel = await hardhat.run("node verify", args({ root: undefined }));
      expect(intel.stdout).to.match(/Trusted root +Intel's\n/);
      expect(intel.document["remedy"]).to.include("name the simulator's root with `--root FILE`");
      const late = await hardhat.run("node verify", args({ time: (time + 40n * DAY).toString() }));
      expect(late.document["remedy"]).to.include("--time");
    });

    it("reads dates, and refuses what is no quote, root or time", async () => {
      const date = new Date(Number(time) * 1000).toISOString();
      expect(await does("node verify", args({ time: date }))).to.include({ holds: true, time });
      for (const [more, text] of [
        [{ quote: undefined }, "--quote is missing"],
        [{ quote: write("no.bin", "hello") }, 'is no SGX quote that can be judged: it is text that begins "hello"'],
        [{ quote: write("no.json", "{}") }, "it is JSON without fields"],
        [{ quote: write("no.spaces", "34 00 02 00".repeat(300)) }, "that are no quote"],
        [{ quote: write("kind.json", '{"kind":"sgx-quote"}') }, "is invalid"],
        [{ accept: "" }, "--accept names no status"],
        [{ accept: "UpToDate,Fine" }, '"Fine" is no TCB status'],
        [{ accept: "Revoked" }, "A revoked platform is never accepted"],
        [{ root: "0x12" }, "is neither a root key nor a file"],
        [{ time: "yesterday" }, "is not a time"],
        [{ collateral: undefined }, "There is no collateral to judge the quote by"],
        [{ reportData: "0x12" }, "is not 32 bytes of report data"],
      ] as const) {
        const run = await hardhat.run("node verify", args(more));
        expect(run.exitCode, text).to.equal(1);
        expect(run.stderr).to.include(text);
      }
    });
  });
});
