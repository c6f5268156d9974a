import { expect } from "chai";

import { encodeRecheck, encodeReview, EvidenceKind, quoteKeys } from "../../../src/dcap/index.ts";
import { fromHex, keccak256, toHex, type Hex } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { SIMULATED_EVALUATION_NUMBER } from "../../../src/sgx/simulator/collateral.ts";
import { USUAL_QE_LEVELS, USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { deriveKey } from "../../../src/sgx/simulator/keys.ts";
import type { CollateralOptions } from "../../../src/sgx/simulator/options.ts";
import { QUOTE_FLAW_NAMES, type QuoteFlaw } from "../../../src/sgx/simulator/quoteFlaws.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";
import { createVerifier, evidenceOf } from "../../fixtures/sgx/dcapVerifier.ts";
import type { DocumentName } from "../../../src/collateral/documents.ts";
import { REPORT_DATA, simulator, TIME } from "../../fixtures/sgx/simulation.ts";

const [UNDECIDED, HOLDS, REVOKED] = [0n, 1n, 2n];
const ALL_DATED: DocumentName[] = ["rootCrl", "pckCrl", "tcbInfo", "qeIdentity"];

describe("DcapVerifier: judges anew by what it holds now", () => {
  const platform = simulator.platform();
  const collateral = platform.collateral();
  const quote = platform.quote({ reportData: REPORT_DATA });
  const platformId = keccak256(platform.ppid);
  const { subject } = quoteKeys(quote, 1, 17);
  let world: Awaited<ReturnType<typeof createVerifier>>;
  let restore: () => Promise<void>;

  before(async () => {
    world = await createVerifier();
    await world.fill(collateral);
    await world.store.setEvaluationFloor(SIMULATED_EVALUATION_NUMBER);
    await world.verify(evidenceOf(quote, collateral));
    const snapshot = await world.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });

  beforeEach(async () => {
    await restore();
  });

  const recheck = (held: Collateral, evaluationNumber = 17, caGeneration = 1): Hex =>
    encodeRecheck({ quote, collateral: held, caGeneration, evaluationNumber });

  /** Both ways to judge anew must say this. */
  async function stands(
    held: Collateral,
    standing: bigint,
    status: number = TcbStatus.None,
    number = 17,
  ): Promise<void> {
    const { subject: named } = quoteKeys(quote, 1, number);
    expect(await world.verifier.recheck(recheck(held, number))).to.deep.equal([
      platformId,
      named,
      standing,
      BigInt(status),
    ]);
    // A review is by the floor, whatever somebody attested by.
    if (number > (await world.store.evaluationFloor())) await world.store.setEvaluationFloor(number);
    const review = encodeReview({ quote, collateral: held });
    expect(await world.verifier.review(quote, review)).to.deep.equal([platformId, standing, BigInt(status)]);
  }

  /** A newer set, of which some documents are stored. */
  async function store(options: CollateralOptions, names: DocumentName[]): Promise<Collateral> {
    const newer = platform.collateral({ issueDate: TIME, ...options });
    await world.fill(newer, names);
    return Object.fromEntries(
      Object.keys(collateral).map((key) => {
        const name = key as DocumentName;
        return [name, (names.includes(name) ? newer : collateral)[name]];
      }),
    ) as unknown as Collateral;
  }

  it("holds while nothing has changed, and names what it judged", async () => {
    await stands(collateral, HOLDS, TcbStatus.UpToDate);
    const [, again] = await world.verifier.recheck(recheck(collateral));
    expect(again).to.equal(subject);
  });

  it("says a status that has become worse, platform's and QE's together", async () => {
    const levels = USUAL_TCB_LEVELS.map((level, i) =>
      i === 0 ? { ...level, status: TcbStatus.ConfigurationNeeded } : level,
    );
    const worse = await store({ tcbLevels: levels }, ["tcbInfo"]);
    await stands(worse, HOLDS, TcbStatus.ConfigurationNeeded);
    const qeLevels = USUAL_QE_LEVELS.map((level) => ({ ...level, status: TcbStatus.OutOfDate }));
    const worst = await store({ issueDate: TIME + 1n, tcbLevels: levels, qeLevels }, ["tcbInfo", "qeIdentity"]);
    await stands(worst, HOLDS, TcbStatus.OutOfDateConfigurationNeeded);
  });

  const revocations: [string, CollateralOptions, DocumentName[]][] = [
    ["the PCK certificate is revoked", { flaw: "pckRevoked" }, ["pckCrl"]],
    [
      "the TCB level is revoked",
      { tcbLevels: USUAL_TCB_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked })) },
      ["tcbInfo"],
    ],
    [
      "no TCB level is reached any more",
      {
        tcbLevels: [
          { ...USUAL_TCB_LEVELS[0]!, tcb: { components: Array.from({ length: 16 }, () => 255), pceSvn: 99 } },
        ],
      },
      ["tcbInfo"],
    ],
    [
      "the QE's level is revoked",
      { qeLevels: USUAL_QE_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked })) },
      ["qeIdentity"],
    ],
    ["no QE level is reached any more", { qeLevels: [{ ...USUAL_QE_LEVELS[0]!, isvSvn: 9 }] }, ["qeIdentity"]],
    [
      "the QE identity describes another QE",
      { edits: { qeIdentity: (text) => text.replace('"isvprodid":1', '"isvprodid":2') } },
      ["qeIdentity"],
    ],
    ["the CA is revoked", { flaw: "caRevoked" }, ["rootCrl"]],
  ];
  for (const [title, options, names] of revocations) {
    it(`says so when ${title}, however old the documents become`, async () => {
      const revoking = await store(options, names);
      await stands(revoking, REVOKED);
      await world.networkHelpers.time.increaseTo(TIME + 10n ** 8n);
      await stands(revoking, REVOKED);
    });
  }

  it("decides nothing once collateral has lapsed, until it is renewed", async () => {
    const end = TIME - 3_600n + 30n * 86_400n;
    await world.networkHelpers.time.increaseTo(end);
    await stands(collateral, HOLDS, TcbStatus.UpToDate);
    await world.networkHelpers.time.increaseTo(end + 1n);
    await stands(collateral, UNDECIDED);
    const renewed = await store({ issueDate: end, nextUpdate: end + 86_400n }, ALL_DATED);
    await stands(renewed, HOLDS, TcbStatus.UpToDate);
  });

  it("decides nothing by a number of which nothing is stored, but for what is known without it", async () => {
    await stands(collateral, UNDECIDED, TcbStatus.None, 19);
    const revoking = await store({ flaw: "pckRevoked" }, ["pckCrl"]);
    await stands(revoking, REVOKED, TcbStatus.None, 19);
  });

  it("decides nothing when the CA has another key, but for what is revoked", async () => {
    const key = deriveKey("rotation", "another CA key");
    const edits = {
      pckCa: (fields: object) => ({ ...fields, notBefore: TIME, publicKey: key.publicKey }),
      pckCrl: (fields: object) => ({ ...fields, signer: key }),
    } as NonNullable<CollateralOptions["edits"]>;
    const rotated = await store({ edits }, ["pckCa", "pckCrl"]);
    await stands(rotated, UNDECIDED);
    const revoking = await store({ issueDate: TIME + 1n, edits, flaw: "pckRevoked" }, ["pckCrl"]);
    await stands(revoking, REVOKED);
  });

  it("says that the CA was revoked after another key has taken its place, of the former's platforms only", async () => {
    const key = deriveKey("rotation", "another CA key");
    const edits = {
      pckCa: (fields: object) => ({ ...fields, serial: Uint8Array.of(7), publicKey: key.publicKey }),
      pckCrl: (fields: object) => ({ ...fields, signer: key }),
    } as NonNullable<CollateralOptions["edits"]>;
    await stands(await store({ flaw: "caRevoked" }, ["rootCrl"]), REVOKED);
    await store({ edits }, ["pckCa"]);
    await stands(collateral, REVOKED);
    const replaced = await store({ edits }, ["pckCrl"]);
    await stands(replaced, REVOKED);
    const { standing } = await world.verifier.recheck(recheck(replaced, 17, 2));
    expect(standing).to.equal(HOLDS);
  });

  it("ends nobody by what a TCB Signing certificate had signed that is revoked", async () => {
    const tcbLevels = USUAL_TCB_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked }));
    const qeLevels = USUAL_QE_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked }));
    const worse = await store({ tcbLevels, qeLevels }, ["tcbInfo", "qeIdentity"]);
    await stands(worse, REVOKED);
    await store({ flaw: "tcbSigningRevoked" }, ["rootCrl"]);
    await stands(worse, UNDECIDED);
    // Nor does another certificate give them back what they were.
    const edits = {
      tcbSigning: (fields: object) => ({ ...fields, serial: Uint8Array.of(8) }),
    } as NonNullable<CollateralOptions["edits"]>;
    await store({ edits }, ["tcbSigning"]);
    await stands(worse, UNDECIDED);
    await world.fill(collateral, ["tcbInfo", "qeIdentity"]);
    await stands(collateral, HOLDS, TcbStatus.UpToDate);
  });

  it("judges by the floor once it is above the attestation's number, and names the subject as before", async () => {
    const levels = USUAL_TCB_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked }));
    const early = await store({ evaluationDataNumber: 18, tcbLevels: levels }, ["tcbInfo", "qeIdentity"]);
    await stands(collateral, HOLDS, TcbStatus.UpToDate);
    await world.store.setEvaluationFloor(18);
    await stands(early, REVOKED);
  });

  it("judges a quote that others vouched for by no other set than the floor's", async () => {
    const levels = USUAL_TCB_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked }));
    const early = await store({ evaluationDataNumber: 18, tcbLevels: levels }, ["tcbInfo", "qeIdentity"]);
    const [byEarly, byFloor] = [early, collateral].map((set) => encodeReview({ quote, collateral: set }));
    await expect(world.verifier.review(quote, byEarly!)).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierWrongContents",
    );
    expect(await world.verifier.review(quote, byFloor!)).to.deep.equal([platformId, HOLDS, BigInt(TcbStatus.UpToDate)]);
    // Nothing of these numbers is stored; the first is the floor that a store begins with.
    for (const floor of [1, 16]) {
      await world.store.setEvaluationFloor(floor);
      for (const review of [byEarly!, byFloor!]) {
        expect(await world.verifier.review(quote, review)).to.deep.equal([
          platformId,
          UNDECIDED,
          BigInt(TcbStatus.None),
        ]);
      }
    }
  });

  it("reads a bucket of more serial numbers than a byte can count", async () => {
    const { serial } = parseCertificate(platform.pckCertificate);
    // Only the last nibble, which chooses the bucket, is the certificate's own.
    const crowd = Array.from({ length: 300 }, (_, i) =>
      Uint8Array.of(1, i >> 4, (i << 4) | parseInt(serial.slice(-1), 16)),
    );
    const listing = (issueDate: bigint, ...serials: Uint8Array[]): CollateralOptions => ({
      issueDate,
      edits: { pckCrl: (fields) => ({ ...fields, revoked: [...fields.revoked, ...serials] }) },
    });
    const crowded = await store(listing(TIME, ...crowd), ["pckCrl"]);
    for (const kind of [EvidenceKind.New, EvidenceKind.Known]) await world.verify(evidenceOf(quote, crowded, kind));
    await stands(crowded, HOLDS, TcbStatus.UpToDate);
    const revoking = await store(listing(TIME + 1n, ...crowd, fromHex(`0x${serial}`)!), ["pckCrl"]);
    await expect(world.verifier.verify(evidenceOf(quote, revoking), REPORT_DATA)).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierPckRevoked",
    );
    await stands(revoking, REVOKED);
  });

  it("refuses contents that are not the chain's", async () => {
    for (const options of [
      { crlEntries: 45 },
      { tcbLevels: USUAL_TCB_LEVELS.slice(1) },
      { qeLevels: USUAL_QE_LEVELS.slice(1) },
    ]) {
      const other = platform.collateral(options);
      for (const call of [
        world.verifier.recheck(recheck(other)),
        world.verifier.review(quote, encodeReview({ quote, collateral: other })),
      ]) {
        await expect(call).to.be.revertedWithCustomError(world.verifier, "DcapVerifierWrongContents");
      }
    }
  });

  it("names another subject for another key, QE, leaf, CA key or number", async () => {
    const evidence = fromHex(recheck(collateral))!;
    const found = new Set<string>();
    // Number, attestation key, CPU-independent QE fields and each field of the leaf; the QE's masked bytes keep it valid.
    for (const offset of [
      3,
      60,
      66 + 16,
      evidence.length - 148,
      evidence.length - 70,
      evidence.length - 33,
      evidence.length - 1,
    ]) {
      const changed = new Uint8Array(evidence);
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      const named = await world.verifier.recheck(toHex(changed)).then(
        (answer) => answer.subject,
        () => "refused",
      );
      expect(named, `byte ${offset}`).not.to.equal(subject);
      found.add(named);
    }
    expect(found.size).to.be.above(4);
  });

  it("refuses evidence of another length, or for a CA that there is not", async () => {
    const bytes = fromHex(recheck(collateral))!;
    const unknownCa = new Uint8Array(bytes);
    unknownCa[bytes.length - 34] = 2;
    for (const wrong of [new Uint8Array(), bytes.subarray(0, -1), Uint8Array.from([...bytes, 0]), unknownCa]) {
      await expect(world.verifier.recheck(wrong))
        .to.be.revertedWithCustomError(world.verifier, "DcapVerifierMalformed")
        .withArgs(wrong.length);
    }
    const review = fromHex(encodeReview({ quote, collateral }))!;
    for (const wrong of [new Uint8Array(), review.subarray(0, -1), Uint8Array.from([...review, 0])]) {
      await expect(world.verifier.review(quote, wrong))
        .to.be.revertedWithCustomError(world.verifier, "DcapVerifierMalformed")
        .withArgs(wrong.length);
    }
  });

  /** What is wrong with a quote whatever collateral says. */
  const ERRORS: Partial<Record<QuoteFlaw, string>> = {
    debug: "DcapVerifierForbiddenAttributes",
    provisionKey: "DcapVerifierForbiddenAttributes",
    qeReportDataTail: "DcapVerifierWrongQeSignature",
    mrEnclave: "DcapVerifierWrongQuoteSignature",
    reportData: "DcapVerifierWrongQuoteSignature",
    isvSignature: "DcapVerifierWrongQuoteSignature",
    zeroSignature: "DcapVerifierWrongQuoteSignature",
    attestationKey: "DcapVerifierWrongQeSignature",
    qeAuthData: "DcapVerifierWrongQeSignature",
    qeReport: "DcapVerifierWrongQeSignature",
    qeReportSignature: "DcapVerifierWrongQeSignature",
    certificates: "PemMalformed",
  };
  /** Report data is the claim's matter, and what a QE is worth the collateral's. */
  const STANDINGS: Partial<Record<QuoteFlaw, bigint>> = {
    reportDataTail: HOLDS,
    qeMiscSelect: REVOKED,
    qeDebug: REVOKED,
    qeMrSigner: REVOKED,
    qeIsvProdId: REVOKED,
    qeUnsupported: REVOKED,
  };
  for (const flaw of QUOTE_FLAW_NAMES) {
    it(`reviews a quote with the flaw ${flaw} for what it is`, async () => {
      const bytes = platform.quote({ reportData: REPORT_DATA, flaw });
      const review = world.verifier.review(bytes, encodeReview({ quote, collateral }));
      const standing = STANDINGS[flaw];
      if (standing !== undefined) expect((await review).standing).to.equal(standing);
      else await expect(review).to.be.revertedWithCustomError(world.verifier, ERRORS[flaw] ?? "SgxQuoteMalformed");
    });
  }

  it("reviews no quote of another root", async () => {
    const stranger = createSimulator({ seed: "another", time: TIME }).platform().quote({ reportData: REPORT_DATA });
    await expect(world.verifier.review(stranger, encodeReview({ quote, collateral }))).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierWrongChain",
    );
  });
});
