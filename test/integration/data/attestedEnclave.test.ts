import { expect } from "chai";
import { id } from "ethers";

import {
  AttestedEnclave,
  CLOCK_TOLERANCE,
  requireFresh,
  type EnclaveDemand,
  type EnclaveEvidence,
} from "../../../src/data/attestedEnclave.ts";
import { safePolicy, type EnclavePolicy } from "../../../src/data/enclavePolicy.ts";
import { DataError } from "../../../src/data/errors.ts";
import { enclaveKeyOf, makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { enclavePolicyDocument } from "../../../src/documents/policies.ts";
import { registrationNonce } from "../../../src/enclave/registration.ts";
import { toJson } from "../../../src/json.ts";
import { bytesOfDigits, type Hex } from "../../../src/sgx/bytes.ts";
import { INTEL_ROOT_KEY, SgxVerificationError, TcbStatus, verifyQuote } from "../../../src/sgx/index.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import {
  addressOf,
  dataFaultOf,
  demandFor,
  evidenceFor,
  EVIDENCE_TIME,
  type EvidenceWishes,
} from "../../fixtures/data.ts";

const DAY = 86_400n;

describe("enclaves that something is sealed to", () => {
  const publicKey = publicKeyOf(makePrivateKey("Secp256k1"));
  const other = publicKeyOf(makePrivateKey("Secp256k1"));
  const { policy } = demandFor();

  /** The code of what is wrong, of either kind. */
  function faultOf(evidence: EnclaveEvidence, demand: EnclaveDemand): string {
    try {
      AttestedEnclave.verify(evidence, demand);
    } catch (error) {
      if (error instanceof DataError || error instanceof SgxVerificationError) return error.code;
      throw error;
    }
    return "none";
  }
  const shown = (wishes: EvidenceWishes, demand: Partial<EnclaveDemand> = {}): string =>
    faultOf(evidenceFor(publicKey, wishes), demandFor(demand));
  const under = (changes: Partial<EnclavePolicy>): Partial<EnclaveDemand> => ({ policy: { ...policy, ...changes } });

  it("are those whose quote holds for this very registration", () => {
    const enclave = AttestedEnclave.verify(evidenceFor(publicKey), demandFor());
    expect(enclave.publicKey).to.deep.equal(publicKey);
    expect(enclave.node).to.include({
      nodeId: 1n,
      enclaveKey: enclaveKeyOf(publicKey),
      provider: addressOf("provider"),
    });
    expect(enclave.report.reportData.slice(0, 66)).to.equal(evidenceFor(publicKey).quote.reportData);
  });

  describe("are not", () => {
    it("those whose document says another registration than the one demanded", () => {
      const nonce = { nonce: registrationNonce(2n, 0n), blockNumber: 5n, blockHash: id("block") as Hex };
      const others: [string, EvidenceWishes][] = [
        ["chain", { registration: { chainId: 1 } }],
        ["registry", { registration: { registry: addressOf("another") } }],
        ["provider", { registration: { provider: addressOf("another") } }],
        ["node", { registration: { nodeId: 2n, binding: nonce } }],
        ["node by its nonce", { registration: { binding: nonce } }],
      ];
      for (const [what, wishes] of others) expect(shown(wishes), what).to.equal("OTHER_QUOTE");
    });

    it("those whose document says the registration demanded, around a quote that was made for another", () => {
      const good = evidenceFor(publicKey).quote;
      const { binding } = good;
      const others: EvidenceWishes[] = [
        { registration: { chainId: 1 } },
        { registration: { registry: addressOf("another") } },
        { registration: { provider: addressOf("another") } },
        { registration: { binding: { ...binding, nonce: registrationNonce(2n, 0n) } } },
        { registration: { binding: { ...binding, nonce: binding.nonce + 1n } } },
        { registration: { binding: { ...binding, blockNumber: 6n } } },
        { registration: { binding: { ...binding, blockHash: id("another") as Hex } } },
        { registration: { enclaveKey: enclaveKeyOf(other) } },
      ];
      for (const wishes of others) {
        const forged = evidenceFor(publicKey, wishes);
        const document = { ...good, quote: forged.quote.quote };
        expect(faultOf({ ...forged, quote: document }, demandFor()), toJson(wishes)).to.equal("ReportDataMismatch");
        // Nor does it help to hand in the report data that the quote has.
        const told = { ...document, reportData: forged.quote.reportData };
        expect(faultOf({ ...forged, quote: told }, demandFor()), toJson(wishes)).to.equal("ReportDataMismatch");
      }
    });

    it("those whose public key is another one than the quote's", () => {
      expect(faultOf({ ...evidenceFor(publicKey), publicKey: other }, demandFor())).to.equal("OTHER_ENCLAVE_KEY");
      const named = evidenceFor(publicKey, { registration: { enclaveKey: enclaveKeyOf(other) } });
      expect(faultOf(named, demandFor())).to.equal("OTHER_ENCLAVE_KEY");
      const curve = publicKeyOf(makePrivateKey("X25519"));
      expect(faultOf({ ...evidenceFor(publicKey), publicKey: curve }, demandFor())).to.equal("INVALID_PUBLIC_KEY");
    });

    it("those under a root that is not trusted, Intel's or a simulator's", () => {
      expect(shown({}, { root: INTEL_ROOT_KEY })).to.equal("CrlSignature");
      expect(shown({ seed: "somebody's own" })).to.equal("CrlSignature");
      const { root } = createSimulator({ time: EVIDENCE_TIME, seed: "somebody's own" });
      expect(shown({ seed: "somebody's own" }, { root })).to.equal("none");
    });

    it("those that run other code, or in debug mode", () => {
      const wishes = { quote: { mrEnclave: `0x${"12".repeat(32)}` } } as const;
      expect(shown(wishes)).to.equal("OTHER_MEASUREMENT");
      const both = [...policy.measurements, wishes.quote.mrEnclave];
      expect(shown(wishes, under({ measurements: both }))).to.equal("none");
      expect(shown({}, under({ measurements: both }))).to.equal("none");
      expect(shown({ quote: { flaw: "debug" } })).to.equal("Debug");
    });

    it("those of a platform whose status or advisories nobody has accepted", () => {
      const level = { platform: { tcbStatus: TcbStatus.SWHardeningNeeded } };
      const { quote, collateral } = evidenceFor(publicKey, level);
      const { root, time } = demandFor();
      const advisories = [...verifyQuote({ quote: bytesOfDigits(quote.quote), collateral, root, time }).advisoryIds];
      expect(advisories).to.not.deep.equal([]);
      expect(shown(level)).to.equal("UNACCEPTED_ADVISORY");
      expect(shown(level, under({ advisories: advisories.slice(1) }))).to.equal("UNACCEPTED_ADVISORY");
      expect(shown(level, under({ advisories }))).to.equal("none");
      expect(shown(level, under({ advisories, statuses: ["UpToDate"] }))).to.equal("StatusNotAccepted");
      for (const tcbStatus of [TcbStatus.OutOfDate, TcbStatus.ConfigurationNeeded]) {
        expect(shown({ platform: { tcbStatus } }, under({ advisories }))).to.equal("StatusNotAccepted");
      }
      expect(shown({ platform: { tcbStatus: TcbStatus.Revoked } })).to.equal("TcbRevoked");
    });

    it("those judged by documents of Intel's that have lapsed, or of too low a number", () => {
      expect(shown({}, { time: EVIDENCE_TIME + 60n * DAY })).to.match(/Expired$/);
      expect(shown({}, { time: EVIDENCE_TIME - 60n * DAY })).to.match(/NotYetValid$/);
      expect(shown({}, under({ evaluationNumber: 18 }))).to.equal("EvaluationNumberTooLow");
      expect(shown({}, under({ evaluationNumber: 17 }))).to.equal("none");
    });

    it("those of a node that had another provider, key or platform before", () => {
      const { node } = AttestedEnclave.verify(evidenceFor(publicKey), demandFor());
      expect(shown({}, under({ nodes: [node] }))).to.equal("none");
      expect(shown({}, under({ nodes: [{ ...node, nodeId: 2n, enclaveKey: addressOf("x") }] }))).to.equal("none");
      const provider = addressOf("somebody else");
      expect(shown({ registration: { provider } }, { ...under({ nodes: [node] }), provider })).to.equal("OTHER_NODE");
      expect(faultOf(evidenceFor(other), demandFor(under({ nodes: [node] })))).to.equal("OTHER_NODE");
      expect(shown({ platform: { name: "another" } }, under({ nodes: [node] }))).to.equal("OTHER_NODE");
    });
  });

  describe("have a quote that is no older than the policy allows, by this machine's clock", () => {
    const now = 1_800_000_000n;
    const age = async (named: bigint, newest: bigint, maxQuoteAge = 3_600): Promise<string> => {
      try {
        requireFresh({ named, newest }, now, { ...policy, maxQuoteAge });
        return await Promise.resolve("fresh");
      } catch {
        return dataFaultOf(() => {
          requireFresh({ named, newest }, now, { ...policy, maxQuoteAge });
        });
      }
    };

    it("takes the policy's age to the second", async () => {
      expect(await age(now - 3_600n, now)).to.equal("fresh");
      expect(await age(now - 3_601n, now)).to.equal("QUOTE_AGE");
    });

    it("takes clocks that differ by the tolerance, and no more: a network cannot stand still, nor run ahead", async () => {
      for (const [newest, is] of [
        [now - CLOCK_TOLERANCE, "fresh"],
        [now - CLOCK_TOLERANCE - 1n, "QUOTE_AGE"],
        [now + CLOCK_TOLERANCE, "fresh"],
        [now + CLOCK_TOLERANCE + 1n, "QUOTE_AGE"],
      ] as const) {
        expect(await age(now, newest), String(newest - now)).to.equal(is);
      }
      expect(await age(now + CLOCK_TOLERANCE, now)).to.equal("fresh");
      expect(await age(now + CLOCK_TOLERANCE + 1n, now)).to.equal("QUOTE_AGE");
    });
  });

  describe("are chosen by a policy", () => {
    const place = { chainId: 31_337n, registry: addressOf("registry") };

    it("that is read as it was written", () => {
      const written = { ...safePolicy(place, policy.measurements), nodes: [demandedNode()] };
      expect(enclavePolicyDocument.parse(JSON.parse(toJson(written)))).to.deep.equal(written);
    });

    it("that can accept neither a revoked platform, nor any code whatever", () => {
      const good = JSON.parse(toJson(policy)) as object;
      for (const wrong of [
        { statuses: ["Revoked"] },
        { statuses: ["None"] },
        { statuses: [] },
        { measurements: [] },
        { measurements: ["*"] },
        { advisories: ["*"] },
        { maxQuoteAge: 0 },
        { more: 1 },
      ]) {
        expect(enclavePolicyDocument.safeParse({ ...good, ...wrong }).success, JSON.stringify(wrong)).to.equal(false);
      }
    });

    const demandedNode = () => AttestedEnclave.verify(evidenceFor(publicKey), demandFor()).node;
  });
});
