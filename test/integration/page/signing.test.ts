import { expect } from "chai";
import { AbiCoder, Signature, Wallet, type Provider } from "ethers";

import type { ChainContext } from "../../../page/src/chain/chainContext.ts";
import { permitted, prepare, type Execution } from "../../../page/src/wallet/execution.ts";
import type { Connected, WalletProvider } from "../../../page/src/wallet/provider.ts";
import { WalletSigner } from "../../../page/src/wallet/signer.ts";
import { forAccount, type Undertaking } from "../../../page/src/wallet/undertaking.ts";
import type { PermitStruct } from "../../../src/bindings.ts";

const owner = Wallet.createRandom();
const other = Wallet.createRandom().address;
const TO = `0x${"11".repeat(20)}`;
const HASH = `0x${"22".repeat(32)}`;
const request = { to: TO, data: "0x1234", gasLimit: 21_000n };

/** Answers with what a test says, by method, and tells what it was asked. */
class ScriptedWallet implements WalletProvider {
  readonly asked: { readonly method: string; readonly params?: readonly unknown[] }[] = [];
  readonly answers: Record<string, unknown> = {
    eth_chainId: "0x1",
    eth_accounts: [owner.address.toLowerCase()],
    eth_sendTransaction: HASH,
  };

  async request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown> {
    this.asked.push(call);
    const answer = this.answers[call.method];
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(
      typeof answer === "function" ? (answer as (given: unknown) => unknown)(call.params) : answer,
    );
  }

  signed(): readonly string[] {
    return this.asked.map(({ method }) => method).filter((method) => !/^eth_(chainId|accounts)$/.test(method));
  }
}

const failing = (code: number, message: string): Error => Object.assign(new Error(message), { code });

describe("what the page has a wallet sign", () => {
  let wallet: ScriptedWallet;
  /** A chain of which nothing is read but a nonce. */
  const provider = { call: async () => Promise.resolve(AbiCoder.defaultAbiCoder().encode(["uint256"], [7n])) };
  const signerOf = (): WalletSigner =>
    new WalletSigner(wallet, { account: owner.address, chainId: 1n }, provider as unknown as Provider);
  const refusal = async (work: Promise<unknown>): Promise<string> => work.then(() => "none", String);

  beforeEach(() => {
    wallet = new ScriptedWallet();
  });

  it("says for which chain it is, and by whom", async () => {
    expect(await signerOf().send(request)).to.equal(HASH);
    const [sent] = wallet.asked.at(-1)?.params ?? [];
    expect(sent).to.deep.equal({
      ...{ from: owner.address, chainId: "0x1", to: TO, data: "0x1234", value: "0x0", gas: "0x5208" },
    });
  });

  const typed = { A: [{ name: "b", type: "uint256" }] };
  const signings: Readonly<Record<string, () => Promise<unknown>>> = {
    "a transaction": async () => signerOf().send(request),
    "typed data": async () => signerOf().signTypedData({ chainId: 1n }, typed, { b: 1n }),
    "a message": async () => signerOf().signMessage("hello"),
  };
  for (const [what, sign] of Object.entries(signings)) {
    it(`is not ${what} where the wallet has gone to another chain and not told`, async () => {
      wallet.answers["eth_chainId"] = "0x5";
      expect(await refusal(sign())).to.include("on chain 5 now, and this is for chain 1. Nothing was signed");
      expect(wallet.signed()).to.deep.equal([]);
    });

    it(`is not ${what} where the wallet speaks for another account, for none, or answers with garbage`, async () => {
      for (const accounts of [[other], [], null, [7], "0x"]) {
        wallet.answers["eth_accounts"] = accounts;
        expect(await refusal(sign())).to.include(`no longer speaks for ${owner.address}. Nothing was signed`);
      }
      expect(wallet.signed()).to.deep.equal([]);
    });
  }

  it("may have been done though the wallet failed, unless somebody refused it there", async () => {
    wallet.answers["eth_sendTransaction"] = failing(-32_603, "timeout");
    expect(await refusal(signerOf().send(request))).to.include("Your wallet failed: timeout. Look in it whether");
    wallet.answers["eth_sendTransaction"] = failing(4001, "no");
    const error = (await signerOf()
      .send(request)
      .catch((cause: unknown) => cause)) as { readonly code: number };
    expect(error.code).to.equal(4001);
  });

  it("is a permit of exactly what was shown: spender, amount, token and deadline", async () => {
    const domain = { name: "Token", version: "1", chainId: 1n, verifyingContract: `0x${"33".repeat(20)}` };
    let signed: Record<string, unknown> = {};
    wallet.answers["eth_signTypedData_v4"] = ([, text]: readonly unknown[]) => {
      signed = JSON.parse(String(text)) as Record<string, unknown>;
      return Signature.from({ r: HASH, s: HASH, v: 27 }).serialized;
    };
    const made: PermitStruct[] = [];
    const withPermit = async (_protocol: unknown, permit: PermitStruct) => {
      made.push(permit);
      return Promise.resolve({ to: TO, data: "0x" });
    };
    const plan = { spends: { amount: 5n, spender: TO, withPermit } } as unknown as Undertaking;
    const execution = { steps: [], compared: undefined, signer: signerOf(), permits: domain } as Execution;
    await permitted({} as ChainContext, execution, plan, 1_234n);
    expect(signed["domain"]).to.deep.equal({ ...domain, chainId: "0x1" });
    expect(signed["message"]).to.deep.equal({
      ...{ owner: owner.address.toLowerCase(), spender: TO, value: "5", nonce: "7", deadline: "1234" },
    });
    expect(made[0]?.deadline).to.equal(1_234n);
  });
});

describe("what is reviewed", () => {
  const by = (account: string) => ({ wallet: {}, account, chainId: 1n }) as unknown as Connected;
  const carriedOutBy = async (account: string, reviewed: Undertaking): Promise<string> =>
    prepare({ chainId: 1n, config: { rpcUrls: [] } } as unknown as ChainContext, by(account), reviewed).then(
      () => "carried out",
      String,
    );

  it("is for the account that was connected when it began, and carried out by no other", async () => {
    const reviewed = forAccount({}, owner.address);
    expect(await carriedOutBy(owner.address, reviewed)).to.equal("carried out");
    expect(await carriedOutBy(other, reviewed)).to.include(
      `This is for the account ${owner.address}, and your wallet speaks for ${other}`,
    );
  });

  it("is for the account that is paid, whoever is connected", async () => {
    const reviewed = forAccount({ account: owner.address }, other);
    expect(await carriedOutBy(owner.address, reviewed)).to.equal("carried out");
    expect(await carriedOutBy(other, reviewed)).to.include(`This is for the account ${owner.address}`);
  });

  it("is for whoever connects in it, where nobody was connected and nobody is named", async () => {
    expect(await carriedOutBy(other, forAccount({}, undefined))).to.equal("carried out");
  });

  it("is another one each time, though it is of the same plan", () => {
    const plan = {};
    expect(forAccount(plan, undefined)).to.not.equal(forAccount(plan, undefined));
  });
});
