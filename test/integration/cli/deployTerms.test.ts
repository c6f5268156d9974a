import { expect } from "chai";
import { toQuantity } from "ethers";
import JSON5 from "json5";
import { readFileSync } from "node:fs";

import { openDeployStage, type DeployStage } from "../../fixtures/cli/deployStage.ts";
import { disconnects } from "../../fixtures/cli/faultyRpc.ts";
import type { Run } from "../../fixtures/hardhatCli.ts";

const example = new URL("../../../deployments/parameters/example.json5", import.meta.url);

describe("what a deployment binds to and costs", () => {
  let stage: DeployStage;

  before(async () => {
    stage = await openDeployStage();
  });
  after(async () => stage.close());
  beforeEach(() => {
    stage.beReal();
  });
  afterEach(async () => stage.reset());

  const deploy = async (args: Record<string, unknown>, changed: object = {}): Promise<Run> =>
    stage.through.run("platform deploy", { parameters: stage.parameters(changed), ...args });
  const termsIn = ({ document }: Run): Record<string, string> => document["terms"] as Record<string, string>;

  it("shows every parameter that a file can give, with its default where it does not", async () => {
    const planned = await deploy({ dryRun: true }, { responseWindow: 100, effectiveWindow: 90, feeBps: 250 });
    expect(planned.exitCode, planned.stderr).to.equal(0);
    const { Protocol } = JSON5.parse<{ Protocol: object }>(readFileSync(example, "utf8"));
    const terms = termsIn(planned);
    expect(terms).to.include.all.keys(Object.keys(Protocol));
    expect(terms).to.include({
      responseWindow: "1m40s (100 seconds)",
      epochLength: "1h (3600 seconds)",
      governanceDelay: "2d (172800 seconds)",
      lotteryOdds: "one block in 150",
      feeBps: "2.5 % (250 basis points)",
      graceUntil: "none",
      evaluationFloor: "20",
      acceptedStatuses: "UpToDate SWHardeningNeeded ConfigurationNeeded ConfigurationAndSWHardeningNeeded (30)",
    });
    expect(terms["blockMilliseconds"]).to.match(/^12000, which could not be held against/);
  });

  it("holds the stated block time against the chain's, and refuses one that is far off", async () => {
    await stage.ask("evm_setAutomine", false);
    await stage.ask("hardhat_mine", toQuantity(1200), toQuantity(12));
    const right = await deploy({ dryRun: true });
    expect(termsIn(right)["blockMilliseconds"], right.stderr).to.equal(
      "12000; the latest 1080 blocks came every 12000",
    );
    const near = await deploy({ dryRun: true }, { blockMilliseconds: 14_000 });
    expect(termsIn(near)["blockMilliseconds"]).to.equal("14000, BUT the latest 1080 blocks came every 12000");
    const off = await deploy({ dryRun: true }, { blockMilliseconds: 2000, lotteryOdds: 900 });
    expect([off.exitCode, off.stdout]).to.deep.equal([1, ""]);
    expect(off.stderr).to.include("blockMilliseconds is 2000").and.to.include("Give blockMilliseconds 12000");
    expect((await deploy({ yes: true }, { blockMilliseconds: 2000, lotteryOdds: 900 })).exitCode).to.equal(1);
    expect(stage.handed()).to.deep.equal([]);
  });

  for (const [option, value] of [
    ["calldata", true],
    ["nonce", "7"],
    ["replace", true],
  ] as const) {
    it(`takes no --${option}, and says what to do instead`, async () => {
      const refused = await deploy({ [option]: value, yes: true });
      expect([refused.exitCode, refused.stdout]).to.deep.equal([1, ""]);
      expect(refused.stderr)
        .to.include(`takes no --${option}`)
        .and.to.match(/multisig|Leave it out/);
      expect(stage.handed()).to.deep.equal([]);
    });
  }

  it("wants only what is left to pay in the purse of a deployment that is gone on with", async () => {
    const whole = await deploy({ dryRun: true, json: true, maxFee: "10" });
    const { cost, transactions } = whole.document as { readonly cost: bigint; readonly transactions: number };
    let seen = 0;
    stage.faulty.on(({ method }) => method === "eth_sendTransaction" && ++seen === 30, disconnects);
    expect((await deploy({ yes: true })).exitCode).to.equal(5);

    const rest = await deploy({ dryRun: true, maxFee: "10" });
    const left = rest.document as { readonly cost: bigint; readonly transactions: number };
    expect(left.transactions).to.equal(transactions - 29);
    expect(termsIn(rest)["Transactions"]).to.equal(
      `${String(left.transactions)} of about ${String(transactions)} are left`,
    );
    expect(left.cost < cost / 2n, "most is paid").to.equal(true);

    const [deployer] = await stage.hardhat.connection.ethers.getSigners();
    await stage.ask("hardhat_setBalance", deployer!.address, toQuantity(left.cost / 2n));
    const poor = await deploy({ yes: true, maxFee: "10" });
    expect([poor.exitCode, poor.stdout]).to.deep.equal([1, ""]);
    expect(poor.stderr).to.include("what is left of the deployment costs about");

    await stage.ask("hardhat_setBalance", deployer!.address, toQuantity(left.cost * 2n));
    const done = await deploy({ yes: true });
    expect(done.exitCode, done.stderr).to.equal(0);
    expect((await stage.hardhat.connection.ethers.provider.getBalance(deployer!.address)) < cost).to.equal(true);
  });

  it("can be looked at for an account whose key is elsewhere", async () => {
    const planned = await deploy({ dryRun: true, account: `0x${"5".repeat(40)}` });
    expect(planned.stderr).to.include("has 0.0 of the chain's coin");
  });
});
