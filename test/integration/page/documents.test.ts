import { expect } from "chai";
import { createHash } from "node:crypto";

import { loadConfig } from "../../../page/src/chain/config.ts";
import { filterOf, isWanted, priceOfPower } from "../../../page/src/market/filter.ts";
import { manifestAt } from "../../../page/src/order/application.ts";
import { momentOf } from "../../../page/src/order/stream.ts";
import { RATE_DECIMALS } from "../../../src/amounts.ts";
import type { NodeView } from "../../../src/facts/node.ts";
import type { OrderView } from "../../../src/facts/order.ts";

const own = globalThis.fetch;

/** Has the page get an answer, whatever it asks for. */
function answerWith(response: () => Response): void {
  globalThis.fetch = async () => Promise.resolve(response());
}

describe("documents that the page fetches", () => {
  afterEach(() => {
    globalThis.fetch = own;
  });
  const refusal = async (work: Promise<unknown>): Promise<string> => work.then(() => "none", String);

  const contract = `0x${"11".repeat(20)}`;
  const names = [
    ...["governance", "token", "stakeVault", "hardwareCatalog", "validatorSet", "dcapVerifier", "collateralStore"],
    ...["quorumVerifier", "nodeRegistry", "challengeManager", "validatorRewards", "orderEscrow", "userRegistry"],
    ...["dataGrants", "taskEscrow", "resultDemands", "viewJudge"],
  ];
  const network = {
    ...{ name: "here", chainId: "5", rpcUrls: ["https://rpc.example"], fromBlock: 7 },
    contracts: Object.fromEntries(names.map((name) => [name, contract])),
  };
  const configured = async (change: object): Promise<string> => {
    answerWith(() => Response.json({ networks: [{ ...network, ...change }] }));
    return refusal(loadConfig());
  };

  it("are a configuration of a chain, of endpoints over HTTP, and of all contracts", async () => {
    expect(await configured({})).to.equal("none");
    const [{ chainId, rpcUrls, measurements }] = await loadConfig();
    expect([chainId, rpcUrls, measurements.size]).to.deep.equal([5n, ["https://rpc.example"], 0]);
  });

  it("are a configuration with names of measurements, where whoever serves the page gives them", async () => {
    const [hash, other] = [`0x${"AB".repeat(32)}`, `0x${"cd".repeat(32)}`];
    expect(await configured({ measurements: { [hash]: "Sample enclave", [other]: 7 } })).to.equal("none");
    answerWith(() =>
      Response.json({ networks: [{ ...network, measurements: { [hash]: "Sample enclave", [other]: 7 } }] }),
    );
    const [{ measurements }] = await loadConfig();
    expect([...measurements]).to.deep.equal([[hash.toLowerCase(), "Sample enclave"]]);
  });

  it("are no configuration with other endpoints, without a chain, or with a contract that is none", async () => {
    for (const rpcUrls of [[], ["javascript:alert(1)"], ["wss://rpc.example"], "https://rpc.example", [7], undefined]) {
      expect(await configured({ rpcUrls }), String(rpcUrls)).to.include("names no RPC endpoint for here");
    }
    for (const chainId of [5, "0", "0x5", "5.5", "", undefined]) {
      expect(await configured({ chainId }), String(chainId)).to.include("a network without name and chainId");
    }
    expect(await configured({ contracts: { ...network.contracts, orderEscrow: "0x12" } })).to.include(
      'wrong at "contracts.orderEscrow"',
    );
  });

  it("are manifests no longer than gateways take, by their very bytes", async () => {
    const url = "https://files.example/app.yaml";
    const whole = Buffer.alloc(65_536, "a");
    answerWith(() => new Response(whole));
    const { sha256, text } = await manifestAt(url);
    expect(sha256).to.equal(`0x${createHash("sha256").update(whole).digest("hex")}`);
    expect(text).to.have.length(65_536);
    answerWith(() => new Response(Buffer.alloc(65_537)));
    expect(await refusal(manifestAt(url))).to.include("more than 65536 bytes");
    answerWith(() => new Response("none", { status: 404 }));
    expect(await refusal(manifestAt(url))).to.include("answers with HTTP 404");
  });

  it("are no manifests where they break off", async () => {
    const broken = new ReadableStream({
      start: (controller) => {
        controller.error(new Error("reset"));
      },
    });
    answerWith(() => new Response(broken));
    expect(await refusal(manifestAt("https://files.example/app.yaml"))).to.include("did not come whole");
  });
});

describe("a stream between two blocks", () => {
  const rate = 2n * 10n ** BigInt(RATE_DECIMALS);
  const order = { status: "Active", runway: 100n, undecided: 6n, ratePerSecond: rate } as OrderView;

  it("costs by the second, and lasts a second less with each", () => {
    expect(momentOf(order, 1_000n, 1_010n)).to.deep.equal({ undecided: 26n, runway: 90n, depletion: 1_100n });
  });

  it("costs no more than its deposit, nor after it stops, nor while it does not stream", () => {
    expect(momentOf(order, 1_000n, 9_000n)).to.deep.equal({ undecided: 206n, runway: 0n, depletion: 1_100n });
    expect(momentOf({ ...order, stopTime: 1_005n }, 1_000n, 9_000n).undecided).to.equal(16n);
    expect(momentOf({ ...order, status: "Stopped" }, 1_000n, 9_000n).undecided).to.equal(6n);
  });

  it("gives nothing back where the clock goes backwards", () => {
    expect(momentOf(order, 1_000n, 990n)).to.deep.equal({ undecided: 6n, runway: 100n, depletion: 1_100n });
  });
});

describe("which nodes are looked for", () => {
  const node = {
    ...{ nodeId: 7n, model: "GPU", provider: "0xAbC", mrEnclave: "0x12", verifier: "OnChain" },
    ...{ open: true, units: 8n, unitsInUse: 6n, ratePerUnit: 10n, provenRate: 4n * 10n ** 9n },
  } as NodeView;
  const found = (query: string, change: Partial<NodeView> = {}): boolean =>
    isWanted({ ...node, ...change }, filterOf(new URLSearchParams(query)));

  it("are such as take orders of so many units, unless all are asked for", () => {
    expect([found(""), found("units=2"), found("units=3"), found("units=x")]).to.deep.equal([true, true, false, true]);
    expect(found("", { open: false })).to.equal(false);
    expect(found("all=1", { open: false })).to.equal(true);
    expect(found("", { unitsInUse: 8n })).to.equal(false);
  });

  it("are those of a model, a verifier, or a word", () => {
    expect([found("model=GPU"), found("model=CPU")]).to.deep.equal([true, false]);
    expect([found("verified=OnChain"), found("verified=Quorum")]).to.deep.equal([true, false]);
    expect([found("q=0xabc"), found("q=node 7"), found("q=node 8")]).to.deep.equal([true, true, false]);
  });

  it("cost so much by their proven power, for all units; nothing can be said of one that has proven nothing", () => {
    expect(priceOfPower(node)).to.equal(20n);
    expect(priceOfPower({ ...node, provenRate: 0n })).to.equal(undefined);
  });
});
