import { expect } from "chai";
import fc from "fast-check";
import { recoverAddress, Wallet } from "ethers";

import { makePrivateKey } from "../../../src/data/keys.ts";
import { EnclaveError } from "../../../src/enclave/errors.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import { requestForm, type SignedAnswer } from "../../../src/enclave/protocol.ts";
import { answerDigest, answerSigner, signAnswer } from "../../../src/pow/answer.ts";
import { toHex } from "../../../src/sgx/bytes.ts";
import { answerOf } from "../../fixtures/enclave/answer.ts";

describe("an enclave that signs answers", () => {
  const key = makePrivateKey("Secp256k1");
  const wallet = new Wallet(toHex(key.key));
  const program = new EnclaveProgram(key);
  const enclaveKey = wallet.address;
  const answer = answerOf(enclaveKey);

  const sign = (changes: object = {}): SignedAnswer => {
    const request = { id: 0, request: "signAnswer", answer: { ...answer, nonces: toHex(answer.nonces), ...changes } };
    return program.answer({ ...request, request: "signAnswer" } as never) as SignedAnswer;
  };
  /** The refusal's code and problem. */
  const refusal = (changes: object): readonly [string, string] => {
    try {
      sign(changes);
    } catch (error) {
      expect(error, String(error)).to.be.instanceOf(EnclaveError);
      const { code, problem } = error as EnclaveError;
      return [code, problem];
    }
    throw new Error("it was signed");
  };

  it("signs what the search's own signature is over", async () => {
    const signed = sign();
    expect(signed).to.deep.equal({ enclaveKey, signature: await signAnswer(wallet, { ...answer, enclaveKey }) });
    expect(answerSigner({ ...answer, enclaveKey }, signed.signature)).to.equal(enclaveKey);
  });

  it("signs no nonces that are too few, too many, or not in the order of their hashes under its own key", () => {
    const { nonces } = answer;
    const swapped = Uint8Array.from([...nonces.subarray(8, 16), ...nonces.subarray(0, 8), ...nonces.subarray(16)]);
    const twice = Uint8Array.from([...nonces.subarray(0, 8), ...nonces.subarray(0, 8), ...nonces.subarray(16)]);
    for (const [changes, said] of [
      [{ nonces: toHex(nonces.subarray(8)) }, "they have 1016 bytes instead of 1024"],
      [{ nonces: `${toHex(nonces)}00` }, "they have 1025 bytes instead of 1024"],
      [{ nonces: "0x" }, "they have 0 bytes instead of 1024"],
      [{ nonces: toHex(swapped) }, "the hash of nonce 1, counted from 0, is not above the one before it"],
      [{ nonces: toHex(twice) }, "the hash of nonce 1, counted from 0, is not above the one before it"],
      [{ nonces: toHex(answerOf(Wallet.createRandom().address).nonces) }, "is not above the one before it"],
      [{ seed: `0x${"5f".repeat(32)}` }, "is not above the one before it"],
      [{ nodeId: 8n }, "is not above the one before it"],
      [{ chainId: 1n }, "is not above the one before it"],
      [{ challengeManager: enclaveKey }, "is not above the one before it"],
    ] as const) {
      const [code, problem] = refusal(changes);
      expect(code, said).to.equal("NOT_AN_ANSWER");
      expect(problem).to.include(`by the enclave key ${enclaveKey}`).and.to.include(said);
    }
  });

  it("signs nothing but what its terms hash to, whatever else the nonces are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 1200 }), (nonces) => {
        expect(refusal({ nonces: toHex(nonces) })[0]).to.equal("NOT_AN_ANSWER");
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (epoch) => {
        const digest = answerDigest({ ...answer, enclaveKey, epoch });
        expect(recoverAddress(digest, sign({ epoch }).signature)).to.equal(enclaveKey);
      }),
      { numRuns: 20 },
    );
  });

  it("is asked in a form that has no place for a digest, a key or numbers that do not exist", () => {
    const content = {
      ...{ chainId: "1", challengeManager: enclaveKey, nodeId: "1", epoch: "1" },
      ...{ seed: `0x${"11".repeat(32)}`, nonces: "0x00" },
    };
    const isTaken = (answered: object): boolean =>
      requestForm.safeParse({ id: 1, request: "signAnswer", answer: answered }).success;
    expect(isTaken(content)).to.equal(true);
    for (const changes of [
      { digest: content.seed },
      { enclaveKey },
      { prefix: content.seed },
      { epoch: (2n ** 256n).toString() },
      { nodeId: "-1" },
      { seed: "0x11" },
      { nonces: "00" },
    ]) {
      expect(isTaken({ ...content, ...changes }), Object.keys(changes).join()).to.equal(false);
    }
  });
});
