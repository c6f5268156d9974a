import { expect } from "chai";
import { AbiCoder, keccak256, toBeHex } from "ethers";

import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { declarationTermsOf } from "../../../src/declaration.ts";

const { provider: PROVIDER, user: USER, stranger: STRANGER } = ACCOUNTS;
const OTHERS = 205;

describe("lists of what many have declared", () => {
  let cli: PlatformCli;
  let requests: string[];

  /** Declares nodes of somebody else. */
  async function declareOthers(): Promise<void> {
    const { stakeVault, nodeRegistry, token } = cli.protocol;
    const stranger = (await cli.hardhat.connection.ethers.getSigners())[Number(STRANGER)]!;
    const stake = 10n ** 19n * BigInt(OTHERS);
    await token.transfer(stranger.address, stake);
    await token.connect(stranger).approve(stakeVault, stake);
    await stakeVault.connect(stranger).deposit(stake);
    await stakeVault.connect(stranger).allow(nodeRegistry, stake);
    const { requiredRate, stake: maxStake } = await declarationTermsOf(cli.protocol, 1, 1);
    const declared = [1, 1, 1, requiredRate, maxStake, "https://other.example"] as const;
    for (let i = 0; i < OTHERS; i += 1) await nodeRegistry.connect(stranger).declare(...declared);
  }

  /** Runs a task and counts what it asks the network. */
  async function counted(words: string, args: Record<string, unknown>) {
    requests = [];
    return cli.hardhat.run(words, args);
  }

  before(async () => {
    cli = await openPlatformCli();
    cli.hardhat.hre.hooks.registerHandlers("network", {
      onRequest: async (context, connection, request, next) => {
        requests.push(request.method);
        return next(context, connection, request);
      },
    });
    requests = [];
    const { node } = await cli.attested("one");
    await cli.run("stake allow", { module: "orders", cap: "100", account: PROVIDER });
    const offer = cli.file("offer.json");
    await cli.run("offer sign", { node, price: "3.6", lock: "100", account: PROVIDER, out: offer });
    await cli.run("order open", { deposit: "6", offer, account: USER });
    await cli.run("order close", { order: "1", account: USER });
    await declareOthers();
  });
  after(async () => cli.hardhat.close());

  it("ask the network a few dozen times for 200 nodes, where one request for each view made 2,007", async () => {
    const { document } = await counted("node list", { limit: "200" });
    expect(document["nodes"]).to.have.length(200);
    expect(document).to.include({ count: BigInt(OTHERS) + 1n, older: 6 });
    expect(requests.length, requests.join(" ")).to.be.at.most(40);
  });

  it("find the nodes of an account however many others were declared since", async () => {
    const mine = await counted("node list", { provider: PROVIDER });
    expect((mine.document["nodes"] as { nodeId: bigint }[]).map(({ nodeId }) => nodeId)).to.deep.equal([1n]);
    expect(mine.document).to.include({ older: 0 });
    expect(requests.length).to.be.at.most(20);
    const live = await cli.run("node list", { live: true, limit: "1" });
    expect((live["nodes"] as { nodeId: bigint }[]).map(({ nodeId }) => nodeId)).to.deep.equal([1n]);
  });

  it("look no further down than it takes to fill a page of what is wanted, and say so", async () => {
    const provider = STRANGER;
    const first = await counted("node list", { provider, limit: "3" });
    const idsIn = ({ document }: typeof first): bigint[] =>
      (document["nodes"] as { nodeId: bigint }[]).map(({ nodeId }) => nodeId);
    expect(idsIn(first)).to.deep.equal([204n, 205n, 206n]);
    expect(first.document).to.include({ unread: 203 }).and.to.not.have.property("older");
    expect(first.stdout).to.match(/^Left out +what there may be among 203 with lower ids$/m);
    expect(first.document["nextPage"]).to.include("--limit 3 --before 204");
    const second = await counted("node list", { provider, limit: "3", before: "204" });
    expect(idsIn(second)).to.deep.equal([201n, 202n, 203n]);
    const last = await counted("node list", { provider, before: "5" });
    expect([idsIn(last), last.document["older"]]).to.deep.equal([[2n, 3n, 4n], 0]);
    expect(last.document).to.not.have.property("nextPage");
  });

  it("pay what an account's nodes have earned, however many others were declared since", async () => {
    // What its node would have earned: the escrow keeps it in the slot that is looked for here.
    await giveEarnings(5n);
    const { document } = await counted("order withdraw", { account: PROVIDER, dryRun: true });
    expect(document).to.deep.include({ earnings: 5n, nodes: [1n] });
  });

  /** Puts an amount where the escrow keeps what node 1 has earned, which is found by trying. */
  async function giveEarnings(amount: bigint): Promise<void> {
    const { provider } = cli.hardhat.connection;
    const escrow = await cli.protocol.orderEscrow.getAddress();
    for (let slot = 0; slot < 32; slot += 1) {
      const place = keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [1, slot]));
      const before: unknown = await provider.request({ method: "eth_getStorageAt", params: [escrow, place, "latest"] });
      await provider.request({ method: "hardhat_setStorageAt", params: [escrow, place, toBeHex(amount, 32)] });
      if ((await cli.protocol.orderEscrow.earningsOf(1)).balance === amount) return;
      await provider.request({ method: "hardhat_setStorageAt", params: [escrow, place, before] });
    }
    throw new Error("no slot holds the earnings of node 1");
  }

  it("say of nodes what they have proven, and of none that never proved more than that", async () => {
    const { stdout } = await cli.hardhat.run("node list", { before: "3" });
    expect(stdout).to.match(/^Node +State +Hardware +Free +Proven +Last +Price +Provider$/m);
    expect(stdout).to.match(/^1 +live .* +1 +none +never /m);
    expect(stdout).to.match(/^2 +declared /m);
  });
});
