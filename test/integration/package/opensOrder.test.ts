import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HDNodeWallet } from "ethers";

import { fencesOf } from "../../../scripts/checks/docs/markdown.ts";
import { root } from "../../../scripts/checks/files.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { openConsumer, type Consumer } from "../../fixtures/package/consumer.ts";

/** The program that docs/integration.md shows, word for word. */
function shownProgram(): string {
  const fences = fencesOf(readFileSync(join(root, "docs/integration.md"), "utf8"));
  const shown = fences.filter(({ text }) => text.includes("orderEscrow.open("));
  expect(shown).to.have.length(1);
  return shown[0]!.text;
}

describe("the program of docs/integration.md", function () {
  this.timeout(400_000);
  let consumer: Consumer;
  let cli: PlatformCli;

  before(async () => {
    consumer = await openConsumer();
    cli = await openPlatformCli();
  });
  after(async () => cli.hardhat.close());

  it("opens an order in 20 lines", async () => {
    const program = shownProgram();
    expect(program.split("\n").filter((line) => line !== "")).to.have.length.at.most(20);
    const { node } = await cli.attested("rented");
    const { provider, user } = ACCOUNTS;
    await cli.run("stake allow", { module: "orders", cap: "100", account: provider });
    const offer = cli.file("offer.json");
    await cli.run("offer sign", { node, lock: "10", out: offer, account: provider });

    // Only the port differs, since a reader's may be taken.
    consumer.write("open-order.mjs", program.replace("http://127.0.0.1:8545", await urlOf(cli)));
    consumer.write(`offer-${node}.json`, readFileSync(offer, "utf8"));
    const book = { ...cli.book, network: "localhost" };
    consumer.write("deployments/localhost/addresses.json", JSON.stringify(book));
    const said = await consumer.succeeds(process.execPath, ["open-order.mjs"], { USER_KEY: keyOf(user) });

    const orderId = await cli.protocol.orderEscrow.orderCount();
    expect(said).to.equal(`Order ${orderId.toString()} is open with 5 tokens.\n`);
    expect((await cli.protocol.orderEscrow.getOrder(orderId)).user).to.equal(cli.addressOf(user));
  });
});

async function urlOf({ hardhat }: PlatformCli): Promise<string> {
  const { networkConfig } = hardhat.connection;
  return networkConfig.type === "http" ? networkConfig.url.getUrl() : "";
}

/** The private key of an account of Hardhat's chains. */
function keyOf(account: string): string {
  const phrase = "test test test test test test test test test test test junk";
  return HDNodeWallet.fromPhrase(phrase, undefined, `m/44'/60'/0'/0/${account}`).privateKey;
}
