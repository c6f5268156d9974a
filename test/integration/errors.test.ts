import { expect } from "chai";
import { AbiCoder, Interface } from "ethers";

import { orderEscrowAbi, stakeVaultAbi } from "../../src/abi/index.ts";
import { enumName, enumNumber, enums } from "../../src/enums.ts";
import { decodeError, errorTexts, revertDataOf } from "../../src/errors.ts";
import { thrownOf, type NodeError } from "../fixtures/chain/answeringProvider.ts";
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

    it("is nothing for what no node has answered", () => {
      for (const error of [
        undefined,
        new Error("execution reverted"),
        Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
        { code: "TIMEOUT" },
        { code: "CALL_EXCEPTION", data: null },
      ]) {
        expect(revertDataOf(error)).to.equal(undefined);
      }
    });

    it("is of a transaction that was mined without effect, which has a receipt", () => {
      const mined = { code: "CALL_EXCEPTION", action: "sendTransaction", data: null };
      expect(revertDataOf({ ...mined, receipt: { status: 0 } })).to.equal("0x");
      expect(revertDataOf({ ...mined, receipt: { status: 1 } })).to.equal(undefined);
    });

    const words = "VM Exception while processing transaction: reverted with custom error 'OrderEscrowPaused()'";
    const reasons: Readonly<Record<string, NodeError>> = {
      "geth, Erigon, Reth, Anvil, Nethermind": { code: 3, message: "execution reverted", data },
      "Besu, and Nethermind before 1.35": { code: -32000, message: "Execution reverted", data },
      "Hardhat 3": { code: 3, message: words, data },
      "Hardhat 2": { code: -32603, message: `Error: ${words}`, data: { message: `Error: ${words}`, data } },
      "OpenEthereum, and Nethermind in its time": {
        code: -32015,
        message: "VM execution error.",
        data: `Reverted ${data}`,
      },
      "a wallet of such a node": {
        code: -32603,
        message: "Internal JSON-RPC error.",
        data: { code: 3, message: "execution reverted", data },
      },
      "a wallet that names its origin": {
        code: -32603,
        message: "execution reverted",
        data: { originalError: { code: 3, message: "execution reverted", data } },
      },
    };
    const silent: Readonly<Record<string, NodeError>> = {
      geth: { code: 3, message: "execution reverted", data: "0x" },
      "Reth, which leaves out what is empty": { code: 3, message: "execution reverted" },
      "geth before 1.15.6, and Erigon before 3.1": { code: -32000, message: "execution reverted" },
      Besu: { code: -32000, message: "Execution reverted", data: "0x" },
      "Besu, and a reason that was left out": { code: -32000, message: "Execution reverted: too late" },
      "Hardhat 2": {
        code: -32603,
        message: "Error: Transaction reverted without a reason string",
        data: { message: "Error: Transaction reverted without a reason string", data: "0x" },
      },
      Ganache: { code: -32000, message: "VM Exception while processing transaction: revert", data: { stack: "..." } },
      OpenEthereum: { code: -32015, message: "VM execution error.", data: "Reverted 0x" },
      "Nethermind in its time": { code: -32015, message: "VM execution error.", data: "revert" },
      "OpenEthereum, of an assertion of old": {
        code: -32015,
        message: "VM execution error.",
        data: "Bad instruction fe",
      },
      "geth, of an assertion of old": { code: -32000, message: "invalid opcode: INVALID" },
      "geth, of a throw of old": { code: -32000, message: "invalid jump destination" },
      "Reth, of an assertion of old": { code: -32000, message: "EVM error: InvalidFEOpcode" },
      "a wallet": {
        code: -32603,
        message: "Internal JSON-RPC error.",
        data: { code: -32000, message: "execution reverted" },
      },
    };
    const unproven: Readonly<Record<string, NodeError>> = {
      "an internal error": { code: -32603, message: "Internal error" },
      "an internal error that quotes": { code: -32603, message: "the call to the backend failed: execution reverted" },
      "too many requests": { code: -32005, message: "limit exceeded", data: { see: "https://example.org" } },
      "too many requests, as HTTP has it": { code: 429, message: "Too Many Requests" },
      "a method that is not there": { code: -32601, message: "the method eth_call does not exist" },
      "parameters that are not understood": { code: -32602, message: "invalid argument 0: hex string without 0x" },
      "a request that is none": { code: -32600, message: "Invalid Request" },
      "JSON that is none": { code: -32700, message: "Parse error" },
      "a resource that is not there": { code: -32001, message: "Resource not found" },
      "a resource that is not available": { code: -32002, message: "Resource unavailable" },
      "a provider that is not connected": { code: 4900, message: "The provider is disconnected" },
      "history that was dropped": { code: 4444, message: "pruned history unavailable" },
      "geth, of a call that takes long": { code: -32000, message: "execution aborted (timeout = 5s)" },
      "Erigon, of a call that takes long": { code: -32000, message: "execution timeout" },
      "geth, of a block that it has not": { code: -32000, message: "header not found" },
      "geth, of a state that it has not": { code: -32000, message: "missing trie node 8a3f (path ) <nil>" },
      "geth, of more gas than it grants": { code: -32000, message: "out of gas" },
      "geth, of more gas than there can be": { code: -32000, message: "gas required exceeds allowance (30000000)" },
      "geth of an older fork, of what it does not know": { code: -32000, message: "invalid opcode: MCOPY" },
      "Hardhat, of a call that runs out of gas": {
        code: -32000,
        message: "Transaction ran out of gas",
        data: { message: "Transaction ran out of gas", data: "0x" },
      },
      "Nethermind, of a call that runs out of gas": { code: -32015, message: "VM execution error.", data: "OutOfGas" },
      "OpenEthereum, of a call that runs out of gas": {
        code: -32015,
        message: "VM execution error.",
        data: "Out of gas",
      },
      "Besu, of a call that it could not end": {
        code: -32000,
        message: "Transaction processing could not be completed due to an exception",
      },
      "Besu, of a state that it has not": { code: -32000, message: "World state unavailable" },
    };
    for (const method of ["eth_call", "eth_estimateGas"] as const) {
      for (const [who, error] of Object.entries(reasons)) {
        it(`finds a reason in what ethers makes of an answer to ${method} by ${who}`, async () => {
          expect(revertDataOf(await thrownOf(error, method))).to.equal(data);
          expect(revertDataOf(Object.assign(new Error(error.message), error)), "as Hardhat has it").to.equal(data);
        });
      }
      for (const [who, error] of Object.entries(silent)) {
        it(`finds a refusal without a reason in an answer to ${method} by ${who}`, async () => {
          expect(revertDataOf(await thrownOf(error, method))).to.equal("0x");
          expect(revertDataOf(Object.assign(new Error(error.message), error)), "as Hardhat has it").to.equal("0x");
        });
      }
      for (const [what, error] of Object.entries(unproven)) {
        it(`takes an answer to ${method} for no contract's refusal that tells of ${what}`, async () => {
          expect(revertDataOf(await thrownOf(error, method))).to.equal(undefined);
          expect(revertDataOf(Object.assign(new Error(error.message), error)), "as Hardhat has it").to.equal(undefined);
        });
      }
    }
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
