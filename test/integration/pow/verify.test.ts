import { expect } from "chai";
import {
  AbiCoder,
  concat,
  getBytes,
  hexlify,
  id,
  keccak256,
  Signature,
  toBeHex,
  verifyTypedData,
  Wallet,
} from "ethers";

import { domainOf } from "../../../src/eip712/index.ts";
import {
  type AnswerContent,
  answerMessage,
  answerTypes,
  attemptHash,
  packNonces,
  PROOF_COUNT,
  PROOF_DOMAIN,
  proofPrefix,
  signAnswer,
  type SolveOptions,
  solve,
  unpackNonces,
  verifyAnswer,
  verifyNonces,
} from "../../../src/pow/index.ts";
import { binding, bytes32, EASY_TARGET, enclave } from "../../fixtures/pow.ts";

describe("Proof answers", () => {
  const target = EASY_TARGET;
  let answer: AnswerContent;
  let signature: string;

  const search = async (options: Partial<SolveOptions> = {}) =>
    solve({ prefix: proofPrefix(binding), target, threads: 1, ...options });

  const withNonces = (change: (nonces: bigint[]) => bigint[]): AnswerContent => ({
    ...answer,
    nonces: packNonces(change(unpackNonces(answer.nonces))),
  });

  const reasonOf = (content: AnswerContent, signed = signature, limit = target): unknown => {
    const verdict = verifyAnswer({ ...content, target: limit, signature: signed });
    return verdict.valid ? undefined : verdict.reason;
  };

  before(async () => {
    const { nonces } = await search();
    answer = { ...binding, epoch: 3n, nonces };
    signature = await signAnswer(enclave, answer);
  });

  describe("proofPrefix", () => {
    it("hashes the six words", () => {
      expect(PROOF_DOMAIN).to.equal(
        id(
          "ComputingPowerProof(uint256 chainId,address challengeManager,bytes32 seed,uint256 nodeId,address enclaveKey)",
        ),
      );
      const words = [
        PROOF_DOMAIN,
        toBeHex(31337n, 32),
        `0x${"00".repeat(12)}${binding.challengeManager.slice(2)}`,
        binding.seed,
        toBeHex(7n, 32),
        `0x${"00".repeat(12)}${binding.enclaveKey.slice(2)}`,
      ];
      expect(proofPrefix(binding)).to.equal(keccak256(concat(words)));
    });

    it("differs in every word", () => {
      const others = [
        { ...binding, chainId: 1n },
        { ...binding, challengeManager: enclave.address },
        { ...binding, seed: bytes32("other") },
        { ...binding, nodeId: 8n },
        { ...binding, enclaveKey: binding.challengeManager },
      ];
      expect(new Set([binding, ...others].map(proofPrefix)).size).to.equal(6);
    });
  });

  describe("given a true answer", () => {
    it("accepts it and returns its largest hash", () => {
      const last = unpackNonces(answer.nonces).at(-1)!;
      const largestHash = attemptHash(getBytes(proofPrefix(binding)), last);
      expect(verifyAnswer({ ...answer, target, signature })).to.deep.equal({ valid: true, largestHash });
    });

    it("accepts it exactly down to its largest hash as the target", () => {
      const verdict = verifyAnswer({ ...answer, target, signature });
      const largestHash = verdict.valid ? verdict.largestHash : 0n;
      expect(reasonOf(answer, signature, largestHash)).to.equal(undefined);
      expect(reasonOf(answer, signature, largestHash - 1n)).to.deep.equal({
        code: "ABOVE_TARGET",
        largestHash,
        target: largestHash - 1n,
      });
    });

    it("is signed as EIP-712 over prefix and nonces", () => {
      expect(answerMessage(answer)).to.deep.equal({
        nodeId: 7n,
        epoch: 3n,
        prefix: proofPrefix(binding),
        noncesHash: keccak256(answer.nonces),
      });
      const domain = {
        name: "ComputingPower.ChallengeManager",
        version: "1",
        chainId: 31337n,
        verifyingContract: binding.challengeManager,
      };
      expect(domainOf("ChallengeManager", 31337n, binding.challengeManager)).to.deep.equal(domain);
      expect(verifyTypedData(domain, answerTypes, answerMessage(answer), signature)).to.equal(enclave.address);
    });
  });

  describe("given tampered nonces", () => {
    it("refuses a corrupted nonce", () => {
      for (const index of [0, 64, PROOF_COUNT - 1]) {
        const reason = reasonOf(withNonces((nonces) => nonces.with(index, nonces[index]! ^ (1n << 40n))));
        expect(reason, `nonce ${index}`).to.have.property("code").that.is.oneOf(["NOT_INCREASING", "ABOVE_TARGET"]);
      }
    });

    it("refuses a swapped order, naming the place", () => {
      const swapped = withNonces((nonces) => nonces.with(10, nonces[11]!).with(11, nonces[10]!));
      expect(reasonOf(swapped)).to.deep.equal({ code: "NOT_INCREASING", index: 11 });
    });

    it("refuses a duplicate, naming the place", () => {
      expect(reasonOf(withNonces((nonces) => nonces.with(1, nonces[0]!)))).to.deep.equal({
        code: "NOT_INCREASING",
        index: 1,
      });
      expect(reasonOf(withNonces((nonces) => nonces.with(127, nonces[126]!)))).to.deep.equal({
        code: "NOT_INCREASING",
        index: 127,
      });
    });

    it("refuses wrong lengths", () => {
      const lengths = [0, 8 * PROOF_COUNT - 8, 8 * PROOF_COUNT - 1, 8 * PROOF_COUNT + 8];
      for (const length of lengths) {
        const nonces = new Uint8Array(length);
        nonces.set(answer.nonces.subarray(0, length));
        expect(reasonOf({ ...answer, nonces })).to.deep.equal({
          code: "WRONG_LENGTH",
          length,
          expected: 1024,
        });
      }
    });

    it("refuses nonces that were not signed", async () => {
      const other = await search({ target: target / 16n });
      expect(hexlify(other.nonces)).to.not.equal(hexlify(answer.nonces));
      expect(reasonOf({ ...answer, nonces: other.nonces })).to.include({ code: "WRONG_SIGNER" });
    });
  });

  describe("given somebody else's answer", () => {
    it("refuses the copied answer of another node", () => {
      expect(reasonOf({ ...answer, nodeId: 8n })).to.include({ code: "NOT_INCREASING" });
    });

    it("refuses it under another enclave, seed, chain or contract", () => {
      const stranger = Wallet.createRandom();
      for (const change of [
        { enclaveKey: stranger.address },
        { seed: bytes32("next challenge") },
        { chainId: 1n },
        { challengeManager: stranger.address },
      ]) {
        expect(reasonOf({ ...answer, ...change })).to.include({ code: "NOT_INCREASING" });
      }
    });

    it("refuses it in another epoch by its signature", () => {
      const reason = reasonOf({ ...answer, epoch: 4n });
      expect(reason).to.include({ code: "WRONG_SIGNER", expected: enclave.address });
    });
  });

  describe("given a bad signature", () => {
    it("names the stranger who signed", async () => {
      const stranger = new Wallet(bytes32("stranger"));
      expect(reasonOf(answer, await signAnswer(stranger, answer))).to.deep.equal({
        code: "WRONG_SIGNER",
        signer: stranger.address,
        expected: enclave.address,
      });
    });

    it("takes what the contract takes for no signature as none", () => {
      const { r, s, v, compactSerialized } = Signature.from(signature);
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const highS = concat([r, toBeHex(order - BigInt(s), 32), toBeHex(v === 27 ? 28 : 27)]);
      const lowV = concat([r, s, toBeHex(v - 27, 1)]);
      for (const none of [
        "",
        "0x",
        "0x00",
        compactSerialized,
        highS,
        lowV,
        `${signature}00`,
        `0x${"00".repeat(64)}1b`,
      ]) {
        expect(reasonOf(answer, none), none).to.deep.equal({
          code: "WRONG_SIGNER",
          signer: undefined,
          expected: enclave.address,
        });
      }
    });
  });

  describe("verifyNonces", () => {
    it("needs a prefix of 32 bytes", () => {
      for (const prefix of ["0x", "0x12", "prefix", new Uint8Array(31)]) {
        expect(() => verifyNonces({ prefix, target, nonces: answer.nonces }))
          .to.throw("32 bytes")
          .with.property("code", "INVALID_PREFIX");
      }
    });

    it("takes other counts", async () => {
      const { nonces } = await search({ count: 5 });
      expect(verifyNonces({ prefix: proofPrefix(binding), target, nonces, count: 5 }).valid).to.equal(true);
    });
  });

  it("packs nonces big-endian and unpacks views that do not start their buffer", () => {
    expect(hexlify(packNonces([1n, 0x0102030405060708n]))).to.equal("0x00000000000000010102030405060708");
    const view = new Uint8Array([9, 9, 0, 0, 0, 0, 0, 0, 1, 2]).subarray(2);
    expect(unpackNonces(view)).to.deep.equal([258n]);
    expect(() => unpackNonces(new Uint8Array(9))).to.throw(RangeError);
  });

  it("encodes the prefix as the contract's abi.encode does", () => {
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "uint256", "address", "bytes32", "uint256", "address"],
      [PROOF_DOMAIN, 31337n, binding.challengeManager, binding.seed, 7n, binding.enclaveKey],
    );
    expect(proofPrefix(binding)).to.equal(keccak256(encoded));
  });
});
