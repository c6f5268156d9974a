import { expect } from "chai";

import { failureOf, quoted } from "../../../page/src/parts/failure.ts";
import { AnsweringProvider, thrownOf } from "../../fixtures/chain/answeringProvider.ts";

const TOKEN = { symbol: "CPP", decimals: 18 };

describe("what the page says of an error of JSON-RPC", () => {
  it("is the endpoint's own words where it does not do a call, and no contract's refusal", async () => {
    for (const method of ["eth_call", "eth_estimateGas"] as const) {
      const thrown = await thrownOf({ code: -32603, message: "Internal error" }, method);
      expect(failureOf(thrown, TOKEN)).to.deep.equal({
        cause: "The RPC endpoint refuses with the error -32603: Internal error.",
        remedy: "Try again, or choose another one under Settings.",
      });
    }
  });

  it("is the same where something else was asked, whatever ethers calls it", async () => {
    for (const message of ["Internal error", "the method eth_blockNumber does not exist/is not available"]) {
      const provider = new AnsweringProvider({ eth_blockNumber: { code: -32601, message } });
      const thrown = await provider.getBlockNumber().catch((error: unknown) => error);
      expect(failureOf(thrown, TOKEN).cause).to.equal(`The RPC endpoint refuses with the error -32601: ${message}.`);
    }
  });

  it("is a contract's refusal where it is one", async () => {
    const thrown = await thrownOf({ code: -32000, message: "execution reverted" }, "eth_call");
    expect(failureOf(thrown, TOKEN).name).to.equal("EmptyRevert");
  });

  it("names the wallet where that has answered, and says that it is not known what was sent", () => {
    const thrown = Object.assign(new Error("Internal JSON-RPC error."), { code: -32603 });
    const { cause, remedy } = failureOf(thrown, TOKEN);
    expect(cause).to.equal("The wallet refuses with the error -32603: Internal JSON-RPC error.");
    expect(remedy).to.include("whether anything was sent");
    expect(failureOf({ code: 4001, message: "User rejected" }, TOKEN).cause).to.equal("You refused it in your wallet.");
  });

  it("is short, however much is said", async () => {
    const thrown = await thrownOf({ code: -32603, message: "x".repeat(10_000) }, "eth_call");
    expect(failureOf(thrown, TOKEN).cause).to.have.length.below(300);
  });
});

describe("what the page says of a gateway's refusal", () => {
  it("has none of its words as a command that one types", () => {
    expect(quoted("It failed.", "Run `node exit 1`.", "failed").remedy).to.equal("And it adds: Run 'node exit 1'.");
  });
});
