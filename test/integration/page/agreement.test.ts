import { expect } from "chai";
import { AbiCoder } from "ethers";

import { compareEndpoints } from "../../../page/src/chain/agreement.ts";
import { Hand } from "../../fixtures/page/hand.ts";
import { sharedStageIn, type PageStage } from "../../fixtures/page/stage.ts";
import { InputError } from "../../../src/inputError.ts";
import { RpcProxy } from "../../fixtures/story/rpcProxy.ts";

const [ONE, OTHER] = ["https://one.example/", "https://other.example/"];
const DECIMALS = "0x313ce567";

/** What an endpoint says of the token and of the settled block; nothing where it does not answer. */
interface Said {
  readonly decimals: number;
  readonly symbol: string;
  readonly hash: string;
}

const TRUE: Said = { decimals: 18, symbol: "CPP", hash: "0x11" };

const coder = AbiCoder.defaultAbiCoder();

/** What comes of comparing endpoints that say so; the page shows the true token. */
async function comparing(endpoints: Readonly<Record<string, Said | undefined>>): Promise<string | undefined> {
  const blocks = new Set<unknown>();
  const askAlone = async (url: string, method: string, [first]: readonly unknown[]): Promise<unknown> => {
    const said = endpoints[url];
    if (said === undefined) throw new Error("silent");
    if (method === "eth_getBlockByNumber") {
      blocks.add(first);
      return Promise.resolve({ hash: said.hash });
    }
    const isDecimals = (first as { readonly data: string }).data === DECIMALS;
    return Promise.resolve(
      coder.encode(isDecimals ? ["uint8"] : ["string"], [isDecimals ? said.decimals : said.symbol]),
    );
  };
  const compared = await compareEndpoints({
    config: { rpcUrls: Object.keys(endpoints), book: { contracts: { token: `0x${"33".repeat(20)}` } } },
    provider: { getBlockNumber: async () => Promise.resolve(100), askAlone },
    token: { decimals: 18, symbol: "CPP" },
  } as never);
  expect([...blocks]).to.deep.equal(blocks.size === 0 ? [] : ["0x5c"]);
  return compared;
}

const refusal = async (endpoints: Readonly<Record<string, Said | undefined>>): Promise<string> =>
  comparing(endpoints).then(
    () => "",
    (error: unknown) => (error as InputError).problem,
  );

describe("endpoints that are compared before something is signed", () => {
  it("say the same, and people see of what", async () => {
    expect(await comparing({ [ONE]: TRUE, [OTHER]: TRUE })).to.equal(
      "one.example, other.example say the same of block 92",
    );
  });

  it("are not, where there is one alone or one alone answers", async () => {
    expect(await comparing({ [ONE]: TRUE })).to.equal(undefined);
    expect(await comparing({ [ONE]: undefined, [OTHER]: TRUE })).to.equal(
      "other.example alone answers: nothing is compared",
    );
    expect(await comparing({ [ONE]: undefined, [OTHER]: undefined })).to.equal(
      "none alone answers: nothing is compared",
    );
  });

  const lies: Readonly<Record<string, Partial<Said>>> = {
    "other decimals, by which amounts would be read": { decimals: 6 },
    "another symbol": { symbol: "USDC" },
    "another block": { hash: "0x22" },
  };
  for (const [name, lie] of Object.entries(lies)) {
    it(`do not agree where one says ${name}, and nothing is signed then`, async () => {
      const liar = { ...TRUE, ...lie };
      for (const endpoints of [
        { [ONE]: TRUE, [OTHER]: liar },
        { [ONE]: liar, [OTHER]: TRUE },
      ]) {
        expect(await refusal(endpoints)).to.match(/^The RPC endpoints do not agree: one\.example .*; other\.example /);
      }
    });
  }

  it("do not agree with what is shown where that was read of one that lied before", async () => {
    const other = { ...TRUE, decimals: 6 };
    expect(await refusal({ [ONE]: other, [OTHER]: other })).to.include("this page says CPP with 18 decimals");
  });
});

describe("a review in a browser that has two endpoints", () => {
  let stage: PageStage;
  let proxy: RpcProxy;
  let hand: Hand;

  before(async function () {
    stage = await sharedStageIn(this);
    proxy = await RpcProxy.open(stage.rpc);
    const url = await stage.serve([stage.rpc, proxy.url]);
    const { privateKey: key } = stage.market.people.providers[0]!;
    hand = await Hand.at(await stage.browser(), url, { key, rpc: stage.rpc });
    await hand.visit("provide");
    await hand.connect();
  });
  after(async () => {
    await hand.close();
    await proxy.close();
  });

  const withdraw = async (): Promise<void> => {
    await hand.type(/^Withdraw /, "0.00001");
    await hand.press("Withdraw");
  };

  it("refuses where the second says that the token has other decimals", async () => {
    await hand.page.route(`${proxy.url}/**`, async (route) => {
      const response = await route.fetch();
      const isAsked = (route.request().postData() ?? "").includes(DECIMALS);
      const answer = (await response.json()) as Readonly<Record<string, unknown>>;
      await route.fulfill({ response, json: isAsked ? { ...answer, result: coder.encode(["uint8"], [6]) } : answer });
    });
    await withdraw();
    expect(await hand.refused()).to.match(/do not agree: .* 18 decimals.* 6 decimals.*Sign nothing/s);
    await hand.page.unrouteAll();
  });

  it("says what both have said, where they agree", async () => {
    await withdraw();
    await hand.dialog.getByRole("button", { name: "Sign and send" }).waitFor();
    const { ["RPC endpoints"]: compared } = await hand.reviewed();
    expect(compared).to.match(/^127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+ say the same of block \d+$/);
  });
});
