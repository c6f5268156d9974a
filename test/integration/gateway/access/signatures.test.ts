import { expect } from "chai";
import { concat, hexlify, Interface, recoverAddress, type Wallet } from "ethers";

import { DELEGATION_HEADER, signDelegation } from "../../../../src/eip712/access.ts";
import { isoTime, siweMessage } from "../../../fixtures/gateway/access/siweMessage.ts";
import {
  audience,
  contractWallet,
  delegate,
  GOOD_SIGNATURE,
  orderView,
  probePath,
  Stage,
  START,
  stranger,
  terms,
  user,
} from "../../../fixtures/gateway/access/stage.ts";

const ANY = probePath({ kind: "order", scope: "any" });
const erc1271 = new Interface(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);

/** A contract that takes the signatures of one key. */
function judgeOf(key: string, answer: string = GOOD_SIGNATURE): (data: string) => string | undefined {
  return (data) => {
    const [digest, signature] = erc1271.decodeFunctionData("isValidSignature", data) as unknown as [string, string];
    return recoverAddress(digest, signature) === key ? answer : undefined;
  };
}

describe("Signatures of accounts", () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  describe("that are contracts (ERC-1271)", () => {
    beforeEach(() => {
      stage.chain.orders.set(7, orderView({ user: contractWallet }));
      stage.chain.codes.set(contractWallet, "0x6001");
      stage.chain.judge = judgeOf(delegate.address);
    });

    it("are what the contract says", async () => {
      const token = await stage.walletToken({ by: delegate, account: contractWallet });
      expect(await stage.outcome(ANY, { token })).to.equal("200");
      const bad = await stage.walletToken({ by: stranger, account: contractWallet });
      expect(await stage.outcome(ANY, { token: bad })).to.equal("401 invalid-signature");
    });

    it("are asked about every time, since the contract may change its mind", async () => {
      const token = await stage.walletToken({ by: delegate, account: contractWallet });
      expect(await stage.outcome(ANY, { token })).to.equal("200");
      stage.chain.judge = judgeOf(stranger.address);
      expect(await stage.outcome(ANY, { token })).to.equal("401 invalid-signature");
    });

    it("are refused where the contract answers anything but the one word", async () => {
      const word = "0x1626ba7e";
      const answers = [
        "0x",
        word,
        hexlify(concat([word, new Uint8Array(60)])),
        `0x${"00".repeat(31)}01`,
        `0x${"ff".repeat(32)}`,
      ];
      for (const answer of answers) {
        stage.chain.judge = () => answer;
        const token = await stage.walletToken({ by: delegate, account: contractWallet });
        expect(await stage.outcome(ANY, { token }), answer).to.equal("401 invalid-signature");
      }
    });

    it("are refused where there is no contract, whatever a call to it would answer", async () => {
      stage.chain.codes.delete(contractWallet);
      stage.chain.judge = () => GOOD_SIGNATURE;
      const token = await stage.walletToken({ by: delegate, account: contractWallet });
      expect(await stage.outcome(ANY, { token })).to.equal("401 invalid-signature");
    });

    it("are refused without asking where they are wrapped for a wallet that is not deployed (ERC-6492)", async () => {
      const asked: string[] = [];
      stage.chain.judge = (data) => {
        asked.push(data);
        return GOOD_SIGNATURE;
      };
      const wrapped = concat(["0x1234", `0x${"6492".repeat(16)}`]);
      const signed = await stage.walletToken({ by: delegate, account: contractWallet });
      const withSignature = (signature: string): string => signed.slice(0, signed.lastIndexOf(".") + 1) + signature;
      const answer = await stage.ask(ANY, { token: withSignature(wrapped) });
      expect(answer.status).to.equal(401);
      const { code, detail } = (await answer.json()) as { code: string; detail: string };
      expect(code).to.equal("invalid-signature");
      expect(detail).to.match(/not deployed \(ERC-6492\); deploy the wallet/);
      expect(asked).to.deep.equal([]);
      // What only has such digits in it is a signature like any other.
      expect(await stage.outcome(ANY, { token: withSignature(concat([wrapped, "0x00"])) })).to.equal("200");
      expect(asked).to.have.lengthOf(1);
    });

    it("cannot be judged without the chain", async () => {
      const token = await stage.walletToken({ by: delegate, account: contractWallet });
      stage.chain.isReachable = false;
      expect(await stage.outcome(ANY, { token })).to.equal("503 chain-unreachable");
    });
  });

  describe("for which a contract acts (EIP-7702)", () => {
    beforeEach(() => {
      stage.chain.codes.set(user.address, `0xef0100${"ab".repeat(20)}`);
      stage.chain.judge = judgeOf(delegate.address);
    });

    it("are good by the account's key, and by the contract", async () => {
      expect(await stage.outcome(ANY, { token: await stage.walletToken() })).to.equal("200");
      const byContract = await stage.walletToken({ by: delegate, account: user.address });
      expect(await stage.outcome(ANY, { token: byContract })).to.equal("200");
      const byNeither = await stage.walletToken({ by: stranger, account: user.address });
      expect(await stage.outcome(ANY, { token: byNeither })).to.equal("401 invalid-signature");
    });
  });

  it("of contracts that could not use the order are not asked about, so that nonsense does not reach the chain", async () => {
    for (const account of [stranger.address, contractWallet]) {
      stage.chain.codes.set(account, "0x6001");
      stage.chain.judge = () => {
        throw new Error("it was asked");
      };
      const token = await stage.walletToken({ by: delegate, account });
      expect(await stage.outcome(ANY, { token })).to.equal("401 invalid-signature");
    }
    expect(stage.chain.reads, "the order alone, which is remembered for a block").to.equal(2);
  });

  it("of contracts are asked about for no account that somebody else than an order's user has delegated to", async () => {
    stage.chain.orders.set(8, orderView({ id: 8, node: 2, user: stranger.address }));
    stage.chain.codes.set(contractWallet, "0x6001");
    stage.chain.judge = () => {
      throw new Error("it was asked");
    };
    const token = async (order: number) => stage.walletToken({ by: delegate, account: contractWallet, order });
    for (const order of [7, 8, 99]) {
      const headers = { [DELEGATION_HEADER]: (await delegationOf(stranger, order)).header };
      const path = probePath({ kind: "order", scope: "any" }, order);
      expect(await stage.outcome(path, { token: await token(order), headers }), String(order)).to.equal(
        "401 invalid-signature",
      );
    }
    const other = await stage.outcome(ANY, {
      ...{ token: await token(7), headers: { [DELEGATION_HEADER]: (await delegationOf(user, 99)).header } },
    });
    expect(other, "a delegation of another order").to.equal("401 invalid-signature");
    stage.chain.judge = judgeOf(delegate.address);
    const headers = { [DELEGATION_HEADER]: (await delegationOf(user, 7)).header };
    expect(await stage.outcome(ANY, { token: await token(7), headers }), "of the user").to.equal("200");
  });

  it("of contracts are asked about at sign-in for accounts alone that may use an order", async () => {
    stage.chain.orders.set(8, orderView({ id: 8, node: 2, user: contractWallet }));
    stage.chain.codes.set(contractWallet, "0x6001");
    const signIn = async (order: number, headers = {}): Promise<string> => {
      const nonce = await stage.ask("/v1/auth/nonce", { method: "POST" });
      const message = siweMessage({
        ...{ nonce: ((await nonce.json()) as { nonce: string }).nonce, issuedAt: isoTime(stage.now) },
        ...{ address: contractWallet, resources: [`computing-power:order:${String(order)}:logs`] },
      });
      const body = { message, signature: await delegate.signMessage(message) };
      return stage.outcome("/v1/auth/login", { method: "POST", body, headers });
    };
    stage.chain.judge = () => {
      throw new Error("it was asked");
    };
    for (const order of [7, 8, 99]) expect(await signIn(order), String(order)).to.equal("401 invalid-signature");
    const forged = { [DELEGATION_HEADER]: (await delegationOf(stranger, 7)).header };
    expect(await signIn(7, forged)).to.equal("401 invalid-signature");
    stage.chain.judge = judgeOf(delegate.address);
    expect(await signIn(7, { [DELEGATION_HEADER]: (await delegationOf(user, 7)).header })).to.equal("200");
    stage.chain.orders.set(7, orderView({ user: contractWallet }));
    expect(await signIn(7)).to.equal("200");
  });

  /** A delegation of an order to the contract, signed by somebody. */
  const delegationOf = async (by: Wallet, order: number) =>
    signDelegation(by, audience, {
      ...{ user: by.address, delegate: contractWallet, order, terms, scopes: ["logs"] },
      ...{ issuedAt: START - 100, until: START + 86_400 },
    });

  it("of keys are checked without the chain", async () => {
    await stage.outcome(ANY, { token: await stage.walletToken() });
    // The order alone is read.
    expect(stage.chain.reads).to.equal(1);
  });
});
