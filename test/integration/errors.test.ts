import { expect } from "chai";
import { AbiCoder, Interface } from "ethers";

import { orderEscrowAbi, stakeVaultAbi } from "../../src/abi/index.ts";
import { enumName, enumNumber, enums } from "../../src/enums.ts";
import { decodeError, errorTexts, revertDataOf } from "../../src/errors.ts";
import { enumsOf, errorsOfContracts } from "../fixtures/solidity.ts";

const escrow = new Interface(orderEscrowAbi);
const vault = new Interface(stakeVaultAbi);

describe("errors", () => {
  const declared = errorsOfContracts();

  it("has cause and remedy for every error of the contracts, and for no other of ours", () => {
    const foreign = /^(ERC20|ERC2612|SafeERC20|AccessManage)/;
    const told = Object.keys(errorTexts).filter((name) => !foreign.test(name));
    expect(told.sort()).to.deep.equal(Object.keys(declared).sort());
  });

  it("names in its texts only arguments that the error has", () => {
    for (const [name, args] of Object.entries(declared)) {
      const texts = (errorTexts[name] ?? ["", ""]).join(" ");
      const used = [...texts.matchAll(/\{(\w+)(?::\w+)?\}/g)].map(([, argument]) => argument);
      expect(args, name).to.include.members(used);
    }
  });

  it("writes whole sentences", () => {
    for (const [name, [cause, remedy]] of Object.entries(errorTexts)) {
      for (const text of [cause, remedy]) expect(text, name).to.match(/^[A-Z0-9{"].*\.$/);
    }
  });

  describe("decodeError", () => {
    it("gives name, arguments, cause and remedy, amounts in tokens and enums by name", () => {
      const user = "0x52908400098527886E0F7030069857D2E4169EE7";
      const data = vault.encodeErrorResult("StakeVaultInsufficientFreeStake", [user, 1_500_000n, 2_000_000n]);
      expect(decodeError(data, 6)).to.deep.equal({
        name: "StakeVaultInsufficientFreeStake",
        args: { account: user, free: "1500000", needed: "2000000" },
        cause: `${user} has 1.5 tokens of free stake and needs 2.`,
        remedy: `${user} can deposit more with \`stake deposit\`, or wait until locks are released (\`stake show\`); if that is not you, ask its owner, or take another offer.`,
        data,
      });
      const status = escrow.encodeErrorResult("OrderEscrowInvalidStatus", [7n, enumNumber("OrderStatus", "Closed")]);
      expect(decodeError(status).cause).to.equal("Order 7 is Closed, which does not allow this.");
    });

    it("writes times as dates", () => {
      const data = escrow.encodeErrorResult("OrderEscrowOfferExpired", [1_700_000_000n]);
      expect(decodeError(data).cause).to.equal("The offer expired on 2023-11-14T22:13:20Z.");
    });

    it("explains Solidity's own errors", () => {
      const coder = AbiCoder.defaultAbiCoder();
      const text = `0x08c379a0${coder.encode(["string"], ["no such thing"]).slice(2)}`;
      expect(decodeError(text)).to.include({ name: "Error", cause: "no such thing" });
      const panic = `0x4e487b71${coder.encode(["uint256"], [0x11]).slice(2)}`;
      expect(decodeError(panic)).to.include({ name: "Panic", cause: "A contract failed: arithmetic overflowed." });
    });

    it("says so when it knows nothing, or the data is garbled", () => {
      expect(decodeError("0x").name).to.equal("EmptyRevert");
      expect(decodeError("0xdeadbeef").name).to.equal("UnknownError");
      expect(decodeError("0x12").name).to.equal("UnknownError");
      const truncated = escrow.encodeErrorResult("OrderEscrowUnknownOrder", [1n]).slice(0, -2);
      expect(decodeError(truncated).name).to.equal("UnknownError");
      expect(decodeError(`0x08c379a0${"ff".repeat(64)}`).name).to.equal("UnknownError");
    });
  });

  describe("revertDataOf", () => {
    const data = escrow.encodeErrorResult("OrderEscrowPaused", []);

    it("finds revert data however deep it lies", () => {
      for (const error of [
        { data },
        { data: { data } },
        { info: { error: { data } } },
        { cause: { error: { data: { data } } } },
      ]) {
        expect(revertDataOf(error)).to.equal(data);
      }
    });

    it("distinguishes a revert without data from no revert", () => {
      expect(revertDataOf({ code: "CALL_EXCEPTION", data: null })).to.equal("0x");
      expect(revertDataOf({ code: "CALL_EXCEPTION", data: "0x" })).to.equal("0x");
      expect(revertDataOf(new Error("connect ECONNREFUSED"))).to.equal(undefined);
      expect(revertDataOf(undefined)).to.equal(undefined);
    });
  });
});

describe("enums", () => {
  it("are the contracts', value by value", () => {
    expect({ ...enums }).to.deep.equal(enumsOf("types"));
  });

  it("name values beyond them as unknown", () => {
    expect(enumName("TcbStatus", 1n)).to.equal("UpToDate");
    expect(enumName("TcbStatus", 99)).to.equal("unknown (99)");
  });
});
