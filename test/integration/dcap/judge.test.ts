import { expect } from "chai";

import { revertDataOf } from "../../../src/errors.ts";
import { keccak256 } from "../../../src/sgx/bytes.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { parsePem, writePem } from "../../../src/sgx/pem.ts";
import { parseQuote, type Quote } from "../../../src/sgx/quote.ts";
import { COLLATERAL_FLAW_NAMES, type CollateralFlaw } from "../../../src/sgx/simulator/collateralFlaws.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import { PCK_FLAW_NAMES, type PckFlaw } from "../../../src/sgx/simulator/pckFlaws.ts";
import { QUOTE_FLAW_NAMES } from "../../../src/sgx/simulator/quoteFlaws.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { TcbStatus, type QeStatus } from "../../../src/sgx/tcbStatus.ts";
import { Random } from "../../fixtures/random.ts";
import { createVerifier, onChain, type AttestationOnChain } from "../../fixtures/sgx/dcapVerifier.ts";
import { faultOf, REPORT_DATA, simulator, TIME, verifySimulated } from "../../fixtures/sgx/simulation.ts";

const [UNDECIDED, HOLDS, DISPROVEN] = [0n, 1n, 3n];

/** Flaws of dates alone, on which a judge does not look: the claim's end says what held when. */
const OF_DATES = /(Expired|NotYetValid|ReversedValidity)$/;

describe("DcapVerifier: judges what others claim", () => {
  const platform = simulator.platform();
  const collateral = platform.collateral();
  const quote = platform.quote({ reportData: REPORT_DATA });
  const claim = onChain(verifySimulated(quote, collateral));
  let world: Awaited<ReturnType<typeof createVerifier>>;

  // Nothing is stored: a judge looks at nothing but what it is shown.
  before(async () => {
    world = await createVerifier();
  });

  /** The quote with another chain of certificates; a character is a byte. */
  function withChain(text: string): Uint8Array {
    const certificationData = new Uint8Array(Buffer.from(text, "latin1"));
    const edits = { quote: (fields: Quote): Quote => ({ ...fields, certificationData }) };
    return platform.quote({ reportData: REPORT_DATA, edits });
  }
  /** Whether `verifyQuote` accepts a quote under the collateral. */
  function isTrueOf(bytes: Uint8Array): boolean {
    try {
      return verifySimulated(bytes, collateral).attestation.quoteHash === keccak256(bytes);
    } catch (error) {
      expect(error).to.be.instanceOf(SgxVerificationError);
      return false;
    }
  }
  const chainOf = (bytes: Uint8Array): Uint8Array[] =>
    parsePem(Buffer.from(parseQuote(bytes).certificationData).toString("latin1"));
  const [leaf, ca, root] = chainOf(quote) as [Uint8Array, Uint8Array, Uint8Array];
  /** The claim, of other bytes. */
  const claimOf = (bytes: Uint8Array, more: Partial<AttestationOnChain> = {}): AttestationOnChain => ({
    ...claim,
    quoteHash: keccak256(bytes),
    ...more,
  });

  it("holds a true claim to be true, at any time", async () => {
    expect(await world.judge(quote, claim, { collateral })).to.equal(HOLDS);
    const snapshot = await world.networkHelpers.takeSnapshot();
    await world.networkHelpers.time.increaseTo(TIME + 10n ** 9n);
    expect(await world.judge(quote, claim, { collateral })).to.equal(HOLDS);
    await snapshot.restore();
  });

  it("holds the claims of all statuses and of both CAs that verifyQuote would make, and no others", async () => {
    const acceptable = { acceptedStatuses: [1, 2, 3, 4, 5, 6] } as const;
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
          : onChain(verifySimulated(bytes, documents, { policy: acceptable })).tcbStatus;
        if (isRevoked) faultOf(() => verifySimulated(bytes, documents, { policy: acceptable }));
        for (const claimed of [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]) {
          const { attestation } = onChainPlatform(other);
          const verdict = await world.judge(bytes, claimOf(bytes, { ...attestation, tcbStatus: claimed }), {
            collateral: documents,
          });
          const label = `platform ${tcbStatus}, QE ${qeStatus}, claimed ${claimed.toString()}`;
          expect(verdict, label).to.equal(claimed === honest ? HOLDS : DISPROVEN);
        }
      }
    }
  });

  /** What a platform's quotes say of it, whatever its status. */
  function onChainPlatform(other: typeof platform): { attestation: Partial<AttestationOnChain> } {
    return { attestation: { platformId: keccak256(other.ppid), fmspc: other.fmspc } };
  }

  const lies: Partial<AttestationOnChain>[] = [
    { quoteHash: `0x${"11".repeat(32)}` },
    { mrEnclave: `0x${"11".repeat(32)}` },
    { mrSigner: `0x${"11".repeat(32)}` },
    { isvProdId: claim.isvProdId + 1n },
    { isvSvn: claim.isvSvn + 1n },
    { platformId: `0x${"11".repeat(32)}` },
    { fmspc: "0x00606a000001" },
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
    it(`disproves a quote with the flaw ${flaw}, as verifyQuote refuses it whatever the time`, async () => {
      const bytes = platform.quote({ reportData: REPORT_DATA, flaw });
      expect(faultOf(() => verifySimulated(bytes, collateral)).timeless).to.equal(true);
      expect(await world.judge(bytes, claimOf(bytes), { collateral })).to.equal(DISPROVEN);
    });
  }

  for (const flaw of PCK_FLAW_NAMES) {
    it(`disproves a PCK certificate with the flaw ${flaw}, unless only a date is wrong`, async () => {
      const bytes = simulator.platform({ flaw }).quote({ reportData: REPORT_DATA });
      const end = { pckExpired: TIME - 1n, pckReversedValidity: 1_526_899_510n } as Partial<Record<PckFlaw, bigint>>;
      const validUntil = end[flaw] ?? claim.validUntil;
      const verdict = await world.judge(bytes, claimOf(bytes, { validUntil }), { collateral });
      expect(verdict).to.equal(OF_DATES.test(flaw) ? HOLDS : DISPROVEN);
      expect(await world.judge(bytes, claimOf(bytes))).to.equal(OF_DATES.test(flaw) ? UNDECIDED : DISPROVEN);
    });
  }

  for (const flaw of COLLATERAL_FLAW_NAMES) {
    it(`disproves a claim that rests on collateral with the flaw ${flaw}, unless only a date is wrong`, async () => {
      const flawed = platform.collateral({ flaw });
      faultOf(() => verifySimulated(quote, flawed));
      const ends = /(ca|Signing|Crl|Info|Identity)Expired$/.test(flaw) ? { validUntil: TIME - 1n } : {};
      const verdict = await world.judge(quote, { ...claim, ...ends }, { collateral: flawed });
      expect(verdict).to.equal(isOnlyLate(flaw) ? HOLDS : DISPROVEN);
    });
  }

  const isOnlyLate = (flaw: CollateralFlaw): boolean => OF_DATES.test(flaw);

  describe("certificate chains", () => {
    const pem = writePem([leaf, ca, root]);
    const blocks = [leaf, ca, root].map((der) => writePem([der]));
    const lines = (der: Uint8Array, width: number): string => {
      const digits = Buffer.from(der).toString("base64");
      const body = digits.match(new RegExp(`.{1,${width}}`, "g"))!.join("\n");
      return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
    };
    const stranger = createSimulator({ seed: "another", time: TIME }).platform();
    const [, strangeCa, strangeRoot] = chainOf(stranger.quote({ reportData: REPORT_DATA }));
    const at = Buffer.from(root).indexOf("Intel SGX Root CA");
    const renamedRoot = flipBit(root, at);
    const paddedEnd = pem.indexOf("=\n-----END");

    const chains: Record<string, string> = {
      usual: `${pem}\0`,
      "without a NUL": pem,
      "without a last line end": pem.trimEnd(),
      "without a last line end, with a NUL": `${pem.trimEnd()}\0`,
      "many last line ends": `${pem}\r\n\n\r\n\0`,
      "two NULs": `${pem}\0\0`,
      "a NUL before the last line end": `${pem.trimEnd()}\0\n`,
      "a carriage return at the end": `${pem}\r`,
      "lines of Windows": pem.replaceAll("\n", "\r\n"),
      "mixed lines": pem.replace("\n", "\r\n"),
      "lines of old Macs": pem.replaceAll("\n", "\r"),
      "double carriage returns": pem.replaceAll("\n", "\r\r\n"),
      "lines of 5": [leaf, ca, root].map((der) => lines(der, 5)).join(""),
      "lines of 1": [leaf, ca, root].map((der) => lines(der, 1)).join(""),
      "one line each": [leaf, ca, root].map((der) => lines(der, 9_999)).join(""),
      "an empty line inside": pem.replace("-----\n", "-----\n\n"),
      "an empty line between": blocks.join("\n"),
      "an empty line in front": `\n${pem}`,
      "a space behind a line": pem.replace("\n", " \n"),
      "a space inside": pem.replace("\nM", "\n M"),
      "words in front": `Subject: PCK\n${pem}`,
      "words behind": `${pem}and so on`,
      "no line end between": blocks.map((block) => block.trimEnd()).join(""),
      "the end marker inside a line": pem.replace("\n-----END", "-----END"),
      "another marker": pem.replaceAll("CERTIFICATE", "CERTIFICATES"),
      "an end marker with words behind": pem.replace("END CERTIFICATE-----", "END CERTIFICATE----- "),
      "a dash in the text": pem.replace(/\n(M.{8})./, "\n$1-"),
      "an underscore in the text": pem.replace(/\n(M.{8})./, "\n$1_"),
      "a byte above 127": pem.replace(/\n(M.{8})./, "\n$1\u00ff"),
      "padding inside": pem.replace(/\n(M.{8})./, "\n$1="),
      "no padding": pem.replaceAll(/=+\n-/g, "\n-"),
      "too much padding": pem.replaceAll(/\n-----END/g, "=\n-----END"),
      "padding on lines of its own": pem.replaceAll(/=\n-----END/g, "\n=\n-----END"),
      "bits behind the last byte":
        paddedEnd < 0 ? "" : `${pem.slice(0, paddedEnd).replace(/.(=?)$/, "/$1")}${pem.slice(paddedEnd)}`,
      "four certificates": pem + blocks[2]!,
      "two certificates": blocks[0]! + blocks[1]!,
      "no certificate": "",
      "an empty certificate": blocks[0]! + blocks[1]! + "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n",
      "a block without lines": blocks[0]! + blocks[1]! + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      "another order": blocks[0]! + blocks[2]! + blocks[1]!,
      "the CA twice": blocks[0]! + blocks[1]! + blocks[1]!,
      "the CA as leaf": blocks[1]! + blocks[1]! + blocks[2]!,
      "another root": writePem([leaf, ca, strangeRoot!]),
      "a root issued by another": writePem([leaf, ca, renamedRoot]),
      "a root with a broken signature": writePem([leaf, ca, flipBit(root, -1)]),
      "a CA of another root": writePem([leaf, strangeCa!, root]),
      "a CA with a broken signature": writePem([leaf, flipBit(ca, -1), root]),
      "a leaf with a broken signature": writePem([flipBit(leaf, -1), ca, root]),
      "a leaf with a byte behind": writePem([Uint8Array.from([...leaf, 0]), ca, root]),
      "the other CA": writePem([leaf, simulator.platform({ ca: "processor" }).collateral().pckCa, root]),
    };
    for (const [name, chain] of Object.entries(chains)) {
      it(`judges as verifyQuote does: ${name}`, async () => {
        expect(chain, "the case is one").to.satisfy((text: string) => name === "usual" || text !== `${pem}\0`);
        const bytes = withChain(chain);
        const isTrue = isTrueOf(bytes);
        expect(await world.judge(bytes, claimOf(bytes), { collateral })).to.equal(isTrue ? HOLDS : DISPROVEN);
      });
    }

    it("judges as verifyQuote does: characters changed, put in and left out at random", async () => {
      const random = new Random(5);
      const characters = ["", "A", "/", "+", "=", "-", "\r", "\n", "\0", " ", "_", "Z", "9", "\u00ff"];
      for (let i = 0; i < 200; i++) {
        const at = random.integer(0, pem.length - 1);
        const by = random.pick(characters);
        const chain = pem.slice(0, at) + by + pem.slice(at + random.integer(0, 1));
        const bytes = withChain(chain);
        const isTrue = isTrueOf(bytes);
        const verdict = await world.judge(bytes, claimOf(bytes), { collateral });
        expect(verdict, `${JSON.stringify(by)} at ${at}`).to.equal(isTrue ? HOLDS : DISPROVEN);
      }
    });

    it("has cases of both verdicts", () => {
      const accepted = Object.values(chains).filter((chain) => isTrueOf(withChain(chain)));
      expect(accepted.length).to.be.within(8, Object.keys(chains).length - 8);
    });
  });

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
