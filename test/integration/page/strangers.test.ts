import { expect } from "chai";
import { Wallet } from "ethers";

import { callOf } from "../../../page/src/chain/calls.ts";
import type { ChainContext } from "../../../page/src/chain/chainContext.ts";
import type { NetworkConfig } from "../../../page/src/chain/config.ts";
import { oddTime } from "../../../page/src/chain/oddTime.ts";
import { storeOf } from "../../../page/src/chain/storeName.ts";
import { chosenOf, isDearer } from "../../../page/src/node/offers.ts";
import { receiptFor } from "../../../page/src/order/application.ts";
import { csvOf } from "../../../page/src/parts/csv.ts";
import { destinationOf } from "../../../page/src/parts/destination.ts";
import { failureOf } from "../../../page/src/parts/failure.ts";
import { plain, wholly, writeAmount } from "../../../page/src/parts/format.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import type { OfferDocument } from "../../../src/documents/orders.ts";
import type { OrderView } from "../../../src/facts/order.ts";
import { askGateway, GatewayError } from "../../../src/gateway/client/request.ts";
import { signReceipt } from "../../../src/gateway/deployments/receipts.ts";
import { interfaceOf } from "../../../src/protocol.ts";

const addressOf = (digit: string): string => `0x${digit.repeat(40)}`;
const contracts = { orderEscrow: addressOf("1"), governance: addressOf("2"), token: addressOf("3") };
const config = {
  ...{ name: "here", chainId: 1n, rpcUrls: ["https://one.example/"], measurements: new Map<string, string>() },
  book: { network: "here", chainId: 1, fromBlock: 0, contracts } as unknown as AddressBook,
} as NetworkConfig;

describe("a call as the page shows it before it is signed", () => {
  it("is read from its bytes: the contract, the function, and all arguments by name", () => {
    const coder = interfaceOf("orderEscrow");
    const permit = { deadline: 99n, v: 27, r: `0x${"44".repeat(32)}`, s: `0x${"55".repeat(32)}` };
    const terms = `0x${"66".repeat(32)}`;
    const data = coder.encodeFunctionData("topUpWithPermit", [7n, terms, 10n ** 18n, permit]);
    expect(callOf(config, { to: contracts.orderEscrow, data })).to.deep.equal({
      contract: "orderEscrow",
      name: "topUpWithPermit",
      args: [
        ["orderId", "7"],
        ["termsHash", terms],
        ["amount", "1000000000000000000"],
        ["permit.deadline", "99"],
        ["permit.v", "27"],
        ["permit.r", permit.r],
        ["permit.s", permit.s],
      ],
    });
  });

  it("is none that is known where the contract is none of the platform's, or has no such function", () => {
    expect(callOf(config, { to: addressOf("9"), data: "0x12345678" })).to.deep.equal({
      ...{ contract: undefined, name: undefined, args: [] },
    });
    expect(callOf(config, { to: contracts.orderEscrow, data: "0x12345678" }).name).to.equal(undefined);
  });

  it("has its amounts exactly, however long they are", () => {
    expect(wholly(writeAmount(1_234_567_899n, 6, "CPP"))).to.equal("1 234.56 CPP (exactly 1234.567899 CPP)");
    expect(wholly(writeAmount(5_000_000n, 6, "CPP"))).to.equal("5 CPP");
  });
});

describe("the offer that somebody chose", () => {
  const offers = [{ offerHash: "0x01" }, { offerHash: "0x02" }] as Partial<OfferDocument>[] as OfferDocument[];

  it("is never replaced by another one, whatever the gateway hands out meanwhile", () => {
    expect(chosenOf(offers, "0x02")).to.equal(offers[1]);
    expect(chosenOf(offers, "0x03")).to.equal(undefined);
    expect(chosenOf([], "0x03")).to.equal(undefined);
  });

  it("is the first one where none was chosen", () => {
    expect(chosenOf(offers, null)).to.equal(offers[0]);
  });
});

describe("an offer that costs more than the market lists", () => {
  it("is known by its price for all its units", () => {
    const offer = { offer: { ratePerSecond: 21n, units: 2 } } as OfferDocument;
    expect(isDearer(offer, { ratePerUnit: 10n })).to.equal(true);
    expect(isDearer(offer, { ratePerUnit: 11n })).to.equal(false);
  });
});

describe("what a gateway says has failed", () => {
  const told = { code: "not-a-gateway", status: 400, problem: "Send your tokens to me.", remedy: "Now." };
  const token = { decimals: 18, symbol: "CPP" };

  it("is marked as its own words, whatever code it gives them", () => {
    const { cause, remedy } = failureOf(new GatewayError({ ...told, isQuoted: true }), token);
    expect([cause, remedy]).to.deep.equal(["The node's gateway says: Send your tokens to me.", "And it adds: Now."]);
    expect(failureOf(new GatewayError(told), token).cause).to.equal(told.problem);
  });

  it("is marked so where it comes over the network", async () => {
    const problem = { ...told, title: told.problem, detail: "", hint: told.remedy };
    const fetch = async () => Promise.resolve(new Response(JSON.stringify(problem), { status: 400 }));
    const error: unknown = await askGateway("https://node.example", "/v1/info", { fetch }).catch(
      (cause: unknown) => cause,
    );
    expect(failureOf(error, token).cause).to.match(/^The node's gateway says: Send your tokens/);
  });
});

describe("a receipt that a gateway hands out", () => {
  const provider = Wallet.createRandom();
  const terms = `0x${"77".repeat(32)}`;
  const chain = { chainId: 1n, config } as ChainContext;
  const order = { provider: provider.address, nodeId: 3n, orderId: 7n, termsHash: terms } as OrderView;
  const place = { chainId: 1, orderEscrow: contracts.orderEscrow, node: 3, gateway: "https://node.example" };
  const content = {
    ...{ order: 7, terms, url: "https://files.example/app.yaml", sha256: "88".repeat(32) },
    ...{ images: [], endpoints: [], deployedAt: 1, request: `0x${"99".repeat(32)}` },
  };

  it("is taken for its own order", async () => {
    const receipt = await signReceipt(provider, place, content);
    expect(receiptFor(chain, order, receipt)).to.deep.equal(receipt);
  });

  it("is refused where its provider has signed it for another order, other terms, node, platform or chain", async () => {
    const others = {
      order: await signReceipt(provider, place, { ...content, order: 8 }),
      terms: await signReceipt(provider, place, { ...content, terms: `0x${"76".repeat(32)}` }),
      node: await signReceipt(provider, { ...place, node: 4 }, content),
      orderEscrow: await signReceipt(provider, { ...place, orderEscrow: addressOf("4") }, content),
      chainId: await signReceipt(provider, { ...place, chainId: 5 }, content),
      provider: await signReceipt(Wallet.createRandom(), place, content),
    };
    for (const [field, receipt] of Object.entries(others)) {
      expect(() => receiptFor(chain, order, receipt), field).to.throw(`is not for what was asked. It says ${field}`);
    }
  });

  it("is refused where it is for another manifest than was asked for on the page", async () => {
    const receipt = await signReceipt(provider, place, content);
    const wanted = { url: content.url, sha256: `0x${content.sha256}` };
    expect(receiptFor(chain, order, receipt, wanted)).to.deep.equal(receipt);
    const changes = { url: "https://evil.example/", sha256: `0x${"89".repeat(32)}` };
    for (const [field, value] of Object.entries(changes)) {
      const other = { ...wanted, [field]: value };
      expect(() => receiptFor(chain, order, receipt, other), field).to.throw(`It says ${field}`);
    }
  });
});

describe("where a stranger's URL leads", () => {
  it("is shown as a link only where its host is seen from end to end", () => {
    const long = `https://${"bank.example.".repeat(9)}evil.example/`;
    expect(destinationOf(long, 1n, 120)).to.equal(undefined);
    expect(destinationOf("https://node.example/path", 1n, 120)).to.equal("https://node.example/path");
  });

  it("is no link by another scheme, nor with a name before the host", () => {
    for (const url of ["http://node.example", "javascript:alert(1)", "https://bank.example@evil.example", "data:,x"]) {
      expect(destinationOf(url, 1n, 120), url).to.equal(undefined);
    }
    expect(destinationOf("http://127.0.0.1:9/", 31337n, 120)).to.equal("http://127.0.0.1:9/");
  });
});

describe("a stranger's text", () => {
  it("piles no marks up over the lines above it, and keeps those that scripts need", () => {
    const piled = `a${"\u0301".repeat(9)}b`;
    expect(plain(piled, 200)).to.equal(`a${"\u0301".repeat(4)}${"\\u{301}".repeat(5)}b`);
    expect(plain("Việt, हिन्दी", 200)).to.equal("Việt, हिन्दी");
  });

  it("is no formula in a spreadsheet, however its first character is written", () => {
    for (const first of ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]) {
      expect(csvOf([[`${first}1+1`]]), first).to.equal(`"'${first}1+1"\r\n`);
    }
    expect(csvOf([["-1.5", 'say "x"']])).to.equal('"-1.5","say ""x"""\r\n');
  });
});

describe("what an endpoint says", () => {
  it("is kept apart from what others said", () => {
    const own = { ...config, rpcUrls: ["https://own.example/"] };
    expect(storeOf(own)).to.not.equal(storeOf(config));
    expect(storeOf({ ...config })).to.equal(storeOf(config));
    expect(storeOf({ ...config, chainId: 2n })).to.not.equal(storeOf(config));
  });

  it("is odd where its newest block is old from the start, or ahead of the reader's clock", () => {
    expect(oddTime(1_000n, 1n, 1_900n)).to.equal(undefined);
    expect(oddTime(1_000n, 1n, 1_901n)).to.equal("shows a newest block that is 15m 1s old");
    expect(oddTime(1_900n, 1n, 1_000n)).to.equal(undefined);
    expect(oddTime(1_901n, 1n, 1_000n)).to.equal("shows a block that is 15m 1s ahead of this machine's clock");
    expect(oddTime(0n, 31337n, 10n ** 9n)).to.equal(undefined);
  });
});
