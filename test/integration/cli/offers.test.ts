import { expect } from "chai";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { ACCOUNTS, openPlatformCli, type CliNode, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const { provider: PROVIDER, user: USER, stranger: STRANGER } = ACCOUNTS;

describe("offers and the orders behind them", () => {
  let cli: PlatformCli;
  let node: CliNode;
  let file: string;

  const sign = (args: Record<string, unknown> = {}) => {
    return { node: node.node, price: "3.6", lock: "100", account: PROVIDER, out: file, ...args };
  };
  const show = async (words: string, args: Record<string, unknown>): Promise<string> =>
    (await cli.hardhat.run(words, args)).stdout;

  before(async () => {
    cli = await openPlatformCli();
    node = await cli.attested("one");
    file = cli.file("offer.json");
  });
  after(async () => cli.hardhat.close());

  describe("that nobody could take are not signed", () => {
    afterEach(() => {
      expect(existsSync(file)).to.equal(false);
    });

    it("for a node that was never attested", async () => {
      const { node: other } = await cli.quoted("two");
      await cli.refuses(
        "offer sign",
        sign({ node: other }),
        "was never attested",
        `npx hardhat node quote ${other} --network story --account ${PROVIDER}`,
      );
    });

    it("with a lock above the free stake, or above what orders may lock", async () => {
      await cli.refuses(
        "offer sign",
        sign(),
        "you allow orders to lock 0",
        "`npx hardhat stake allow orders max --network story --account 7`",
      );
      await cli.run("stake allow", { module: "orders", cap: "max", account: PROVIDER });
      const { free } = await cli.run("stake show", { account: PROVIDER });
      const lock = (BigInt(String(free)) / 10n ** 18n + 5n).toString();
      await cli.refuses(
        "offer sign",
        sign({ lock }),
        "of free stake",
        "`npx hardhat stake deposit 5 --network story --account 7`",
      );
    });

    it("that accept a lower fee than is taken, or amounts that no contract holds", async () => {
      await cli.refuses("offer sign", sign({ maxFee: "1" }), "and the offer accepts 1", "--max-fee");
      await cli.refuses("offer sign", sign({ lock: "100000000000" }), 'The amount "100000000000" is too large');
      await cli.refuses("offer sign", sign({ minDeposit: "100000000000000" }), "is too large");
    });

    it("of a node that is about to end", async () => {
      const { node: third } = await cli.attested("three");
      await cli.run("node exit", { node: third, account: PROVIDER });
      await cli.refuses("offer sign", sign({ node: third }), `Node ${third} ends on`, "(Exited)");
    });
  });

  describe("that are signed", () => {
    it("are kept while they can be taken, and so is a file that is none", async () => {
      expect(await cli.run("offer sign", sign({ volume: "2" }))).to.include({ atOnce: 1n });
      const first = readFileSync(file, "utf8");
      await cli.refuses("offer sign", sign(), "can be taken until", "2 more times", `offer cancel ${file}`, "--out");
      await cli.refuses("offer sign", sign({ dryRun: true }), "can be taken until");
      expect(readFileSync(file, "utf8")).to.equal(first);
      await cli.run("offer cancel", { offer: file, account: PROVIDER });
      await cli.run("offer sign", sign());
      expect(readFileSync(file, "utf8")).to.not.equal(first);
      const other = cli.file("notes.json");
      writeFileSync(other, "{}");
      await cli.refuses("offer sign", sign({ out: other }), "is no offer of this deployment");
      expect(readFileSync(other, "utf8")).to.equal("{}");
    });

    it("give a user no advice that only the provider could follow", async () => {
      await cli.run("stake allow", { module: "orders", cap: "0", account: PROVIDER });
      const args = { deposit: "6", offer: file, account: USER };
      await cli.refuses("order open", args, "Refused: StakeVaultCapExceeded", "ask its owner, or take another offer");
      await cli.run("stake allow", { module: "orders", cap: "max", account: PROVIDER });
    });

    it("are said to be taken only while units are free", async () => {
      expect(await show("node show", { node: node.node })).to.match(/^Node +1, live, takes orders$/m);
      await cli.run("order open", { deposit: "6", offer: file, account: USER });
      const rented = await cli.hardhat.run("node show", { node: node.node });
      expect(rented.stdout).to.match(/^Node +1, live, all its units are in use$/m);
      expect(rented.stdout).to.not.include("offer sign");
      expect(rented.document).to.include({ open: true, takesOrders: false });
      const again = await cli.run("offer sign", sign({ lock: "0" }));
      expect(again).to.deep.include({ atOnce: 0n, notes: ["0 of the node's units are free now"] });
    });

    it("lead to a question before a stranger adds to an order, and to none for its user", async () => {
      await cli.protocol.token.transfer(cli.addressOf(STRANGER), 10n ** 19n);
      const args = { order: "1", amount: "1", account: STRANGER };
      const before = await cli.protocol.token.balanceOf(cli.addressOf(STRANGER));
      await cli.refuses("order top-up", args, "Nothing was sent. Order 1 belongs to", "--yes");
      expect(await cli.protocol.token.balanceOf(cli.addressOf(STRANGER))).to.equal(before);
      await cli.run("order top-up", { ...args, yes: true });
      await cli.run("order top-up", { ...args, account: USER });
    });

    it("show an order that its provider has closed without a runway, and ask before it is topped up", async () => {
      expect(await show("order show", { order: "1" })).to.include("order top-up 1 ");
      await cli.run("order close", { order: "1", account: PROVIDER });
      const closed = await show("order show", { order: "1" });
      expect(closed)
        .to.match(/^Runway +ends .+$/m)
        .and.to.not.include("top-up");
      expect(await show("order list", { user: USER })).to.not.include("top it up");
      const args = { order: "1", amount: "1", account: USER };
      await cli.refuses("order top-up", args, "whatever it holds: its provider closed it", "--yes");
      const plan = await cli.hardhat.run("order top-up", { ...args, dryRun: true });
      expect([plan.exitCode, plan.stdout.includes("whatever it holds")]).to.deep.equal([0, true]);
    });
  });
});
